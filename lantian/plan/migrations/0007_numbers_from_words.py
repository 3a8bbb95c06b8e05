"""Numbers that the reader took from words say so; a report says what its value is of where a target has no number."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plan", "0006_measures_name_their_areas")]

    operations = [
        migrations.AddField(
            model_name="measuretarget",
            name="derived_from",
            field=models.CharField(
                blank=True,
                default="",
                help_text="empty: the text has the number",
                max_length=40,
                verbose_name="derived from the words",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="progressreport",
            name="indicator",
            field=models.CharField(
                blank=True,
                default="",
                help_text="code; what the value is of where the target is in words",
                max_length=80,
                verbose_name="indicator",
            ),
            preserve_default=False,
        ),
    ]
