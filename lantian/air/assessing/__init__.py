"""From hours to days, figures, assessments and rankings under the law of their date. No Django."""
