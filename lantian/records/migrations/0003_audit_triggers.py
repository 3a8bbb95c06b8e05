"""Triggers that refuse to change or remove audit entries; see lantian/records/guards.py."""

from django.db import migrations

from lantian.records import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("records", "0002_evidence_names_and_versions")]
    operations = [migrations.RunPython(install, remove)]
