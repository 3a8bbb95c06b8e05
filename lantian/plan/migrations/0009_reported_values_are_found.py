"""Reported values are looked up by assignment and number; few of many reports have one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plan", "0008_goals_of_a_text")]

    operations = [
        migrations.AddIndex(
            model_name="progressreport",
            index=models.Index(
                condition=models.Q(value__isnull=False, withdrawn_at__isnull=True),
                fields=["assignment", "target", "indicator"],
                name="report_with_value",
            ),
        ),
    ]
