"""The aims of a text stand beside its tasks: kept apart from the reader's whole output, which is large."""

from django.db import migrations, models

KEPT = ("text", "start", "end", "nature", "deadlines", "targets")


def fill(apps, schema_editor):
    for version in apps.get_model("plan", "DocumentVersion").objects.only("parsed").iterator():
        goals = [{name: goal[name] for name in KEPT} for goal in version.parsed.get("goals", [])]
        if goals:
            version.goals = goals
            version.save(update_fields=["goals"])


class Migration(migrations.Migration):
    dependencies = [("plan", "0007_numbers_from_words")]

    operations = [
        migrations.AddField(
            model_name="documentversion",
            name="goals",
            field=models.JSONField(
                default=list, help_text="[{text, start, end, nature, deadlines, targets}]: aims outside the tasks"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
