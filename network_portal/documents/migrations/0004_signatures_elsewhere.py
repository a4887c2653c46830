import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from network_portal.common.secrets import decrypt, encrypt


def seal(apps, schema_editor):
    """Encrypt the documents that people showed: the database keeps no passport number in the open (L-3)."""
    _each(apps, encrypt)


def unseal(apps, schema_editor):
    _each(apps, decrypt)


def _each(apps, change):
    for agreement in apps.get_model('documents', 'SigningAgreement').objects.only('identity_sealed').iterator():
        agreement.identity_sealed = change(agreement.identity_sealed)
        agreement.save(update_fields=['identity_sealed'])


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0003_signing_agreements'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='имя файла')),
                ('media_type', models.CharField(max_length=60, verbose_name='вид содержимого')),
                ('content', models.BinaryField(verbose_name='содержимое')),
                ('sealed', models.BooleanField(default=False, verbose_name='содержимое зашифровано')),
                ('sha256', models.CharField(max_length=64, verbose_name='контрольная сумма')),
                ('size', models.PositiveIntegerField(verbose_name='байтов')),
                ('uploaded_at', models.DateTimeField(verbose_name='загружен')),
            ],
            options={
                'verbose_name': 'приложенный файл',
                'verbose_name_plural': 'приложенные файлы',
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slot', models.CharField(max_length=40, verbose_name='место подписи')),
                ('url', models.CharField(max_length=200, verbose_name='страница подписания')),
                ('at', models.DateTimeField(verbose_name='когда')),
            ],
            options={
                'verbose_name': 'напоминание о подписи',
                'verbose_name_plural': 'напоминания о подписи',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='signature',
            name='documents_signature_kind',
        ),
        migrations.AlterField(
            model_name='signingagreement',
            name='identity_document',
            field=models.TextField(),
        ),
        migrations.RenameField('signingagreement', 'identity_document', 'identity_sealed'),
        migrations.AlterField(
            model_name='signingagreement',
            name='identity_sealed',
            field=models.TextField(verbose_name='документ, удостоверяющий личность, в зашифрованном виде'),
        ),
        migrations.RunPython(seal, unseal),
        migrations.AddField(
            model_name='signature',
            name='basis',
            field=models.CharField(blank=True, max_length=300, verbose_name='на каком основании'),
        ),
        migrations.AddField(
            model_name='signature',
            name='code',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.signingcode', verbose_name='код подписания'),
        ),
        migrations.AddField(
            model_name='signature',
            name='registered_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='кто зарегистрировал'),
        ),
        migrations.AddField(
            model_name='signature',
            name='signed_on',
            field=models.DateField(null=True, verbose_name='дата на бумаге'),
        ),
        migrations.AddField(
            model_name='signingagreement',
            name='end_reason',
            field=models.CharField(blank=True, max_length=300, verbose_name='почему прекращено'),
        ),
        migrations.AddField(
            model_name='signingagreement',
            name='ended_at',
            field=models.DateTimeField(null=True, verbose_name='прекращено'),
        ),
        migrations.AddField(
            model_name='signingagreement',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='кто прекратил'),
        ),
        migrations.AddField(
            model_name='signingcode',
            name='asked_ip',
            field=models.CharField(blank=True, max_length=45, verbose_name='откуда запрошен'),
        ),
        migrations.AddField(
            model_name='signingcode',
            name='asked_agent',
            field=models.CharField(blank=True, max_length=300, verbose_name='чем запрошен'),
        ),
        migrations.AddField(
            model_name='signingcode',
            name='failed_at',
            field=models.DateTimeField(null=True, verbose_name='отправить не удалось'),
        ),
        migrations.AlterField(
            model_name='signature',
            name='kind',
            field=models.CharField(choices=[('ses', 'простая электронная подпись'), ('hand', 'собственноручная подпись'), ('qes', 'усиленная квалифицированная электронная подпись')], default='ses', max_length=8, verbose_name='вид подписи'),
        ),
        migrations.AlterField(
            model_name='signature',
            name='signer',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='кто'),
        ),
        migrations.AddField(
            model_name='signingagreement',
            name='scan',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.keptfile', verbose_name='скан подписанного экземпляра'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signingagreement',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='969ad6f52d0afe48eb99dfc4248771e12517d655', operation='DELETE', pgid='pgtrigger_kept_e041f', table='documents_signingagreement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signingagreement',
            trigger=pgtrigger.compiler.Trigger(name='facts_stay', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.ended_at IS NOT NULL OR OLD.scan_id IS NOT NULL AND OLD.scan_id IS DISTINCT FROM NEW.scan_id OR to_jsonb(OLD) - '{scan_id,ended_at,ended_by_id,end_reason}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{scan_id,ended_at,ended_by_id,end_reason}'::text[])", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='81cb9c4ac33ae9eb00aabdde47b7090d08c5eb55', operation='UPDATE', pgid='pgtrigger_facts_stay_d0bb6', table='documents_signingagreement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signingcode',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='ef69c9abaa12e3457bca3d48edd9f93232251146', operation='DELETE', pgid='pgtrigger_kept_1b9e6', table='documents_signingcode', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signingcode',
            trigger=pgtrigger.compiler.Trigger(name='used_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."used_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='e9415148b985ed8936fb159d4da2c8551dba0bb0', operation='UPDATE', pgid='pgtrigger_used_once_f9fdf', table='documents_signingcode', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='keptfile',
            name='uploaded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='signature',
            name='file',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.keptfile', verbose_name='скан или файл подписи'),
        ),
        migrations.AddField(
            model_name='signature',
            name='original',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.keptfile', verbose_name='файл, который подписан вне портала'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['ses', 'hand', 'qes'])), name='documents_signature_kind', violation_error_message='Недопустимое значение.'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'ses'), ('signer__isnull', False)), models.Q(('file__isnull', False), ('registered_by__isnull', False), ('signed_on__isnull', False), models.Q(('kind', 'ses'), _negated=True)), _connector='OR'), name='documents_signature_has_proof', violation_error_message='К подписи, поставленной вне портала, нужен файл и дата.'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='sent_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='кто напомнил'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='кому'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='documents.documentversion'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='keptfile',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e673908934ea8f2e1963c9ec9015b5cc3d614f4e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_2ace1', table='documents_keptfile', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reminder',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9a7a4f79b0183303b06d0435f305a61c1d557ca9', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_9ac7d', table='documents_reminder', when='BEFORE')),
        ),
    ]
