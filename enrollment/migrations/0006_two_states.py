from django.db import migrations

#: Who decided on the line is the author of the host's state; the list proposed the pupil. No home order T04 exists yet.
FORWARDS = """
UPDATE enrollment_enrolment place SET
    state_by_id = line.decided_by_id,
    state_at = line.decided_at,
    home_at = COALESCE(request.sent_at, request.created_at),
    home_state = CASE place.state
        WHEN 'completed' THEN 'completed' WHEN 'left' THEN 'withdrawn' WHEN 'cancelled' THEN 'cancelled'
        ELSE 'proposed' END,
    exit_record = CASE place.state WHEN 'left' THEN 'left' ELSE '' END
FROM enrollment_schoolrequestline line JOIN enrollment_schoolrequest request ON request.id = line.request_id
WHERE line.id = place.line_id
"""


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0005_school_orders")]

    operations = [migrations.RunSQL(FORWARDS, migrations.RunSQL.noop)]
