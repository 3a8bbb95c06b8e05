from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0001_initial'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.UniqueConstraint(condition=models.Q(('corrects__isnull', True)), fields=('indicator', 'place', 'period_from', 'period_to'), name='entry_one_chain'),
        ),
    ]
