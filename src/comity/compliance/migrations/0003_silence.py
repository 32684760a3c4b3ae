from django.conf import settings
from django.db import migrations, models
import django.db.models.deletion
import django.utils.timezone


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0002_assessment'),
        ('parties', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Silence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(max_length=64)),
                ('requirements', models.JSONField(default=list, verbose_name='requirements')),
                ('standards', models.CharField(max_length=400)),
                ('kind', models.CharField(blank=True, max_length=40)),
                ('record_id', models.BigIntegerField(default=0)),
                ('ref', models.CharField(blank=True, max_length=20, verbose_name='reference')),
                ('label', models.CharField(max_length=200, verbose_name='what')),
                ('since', models.DateTimeField(default=django.utils.timezone.now, verbose_name='since')),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='parties.customer')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'silence',
                'verbose_name_plural': 'silences',
                'indexes': [models.Index(fields=['since', 'id'], name='silence_oldest'), models.Index(fields=['owner', 'since'], name='silence_of_person')],
                'constraints': [models.UniqueConstraint(fields=('rule', 'kind', 'record_id', 'label'), name='silence_once')],
            },
        ),
    ]
