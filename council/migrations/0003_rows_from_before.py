"""Give the rows from before their kinds, states and executions; let members of a network change by decisions only."""

from django.db import migrations

FORWARD = """
    ALTER TABLE council_agendaitem DISABLE TRIGGER USER;
    UPDATE council_agendaitem SET kind = CASE rule
        WHEN 'election' THEN 'chair' WHEN 'removal' THEN 'removal' WHEN 'exclusive' THEN 'priorities' ELSE 'other' END;
    ALTER TABLE council_agendaitem ENABLE TRIGGER USER;
    UPDATE council_meeting SET state = 'convened', convened_at = LEAST(planned_at, now())
        WHERE state = 'planned' AND EXISTS (SELECT FROM council_agendaitem item WHERE item.meeting_id = council_meeting.id);
    INSERT INTO council_execution (decision_id, state, due, effect, failure, report)
        SELECT id, CASE WHEN executor = '' AND due IS NULL THEN 'done' ELSE 'control' END, due, '', '', ''
        FROM council_decision WHERE effective_at IS NOT NULL;
"""
BACKWARD = """
    ALTER TABLE council_execution DISABLE TRIGGER USER;
    ALTER TABLE council_meeting DISABLE TRIGGER USER;
    ALTER TABLE council_agendaitem DISABLE TRIGGER USER;
    DELETE FROM council_execution;
    UPDATE council_meeting SET state = CASE state
        WHEN 'review' THEN 'ended' WHEN 'cancelled' THEN 'not_held' ELSE 'planned' END
        WHERE state IN ('convened', 'review', 'cancelled');
    UPDATE council_agendaitem SET state = 'open' WHERE state = 'voting';
    ALTER TABLE council_execution ENABLE TRIGGER USER;
    ALTER TABLE council_meeting ENABLE TRIGGER USER;
    ALTER TABLE council_agendaitem ENABLE TRIGGER USER;
"""

# The members of a network change by signed decisions of its council, once it has any (S1-5.4). Members are rows of the
# schools, which know nothing of councils: the service names the minutes for the length of its transaction.
GUARD = """
    CREATE FUNCTION council_membership_by_decision() RETURNS trigger AS $$
    DECLARE network integer := COALESCE(NEW.network_id, OLD.network_id);
    BEGIN
        IF COALESCE(current_setting('portal.decision', true), '') = '' AND EXISTS (
            SELECT FROM council_meeting meeting JOIN council_council council ON council.id = meeting.council_id
            WHERE council.network_id = network AND meeting.state = 'closed'
        ) THEN
            RAISE EXCEPTION 'Участники сети меняются только решением координационного совета.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'council_membership_by_decision';
        END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END; $$ LANGUAGE plpgsql;
    CREATE TRIGGER council_membership_by_decision BEFORE INSERT OR UPDATE OR DELETE ON schools_membership
        FOR EACH ROW EXECUTE FUNCTION council_membership_by_decision();
"""
UNGUARD = """
    DROP TRIGGER council_membership_by_decision ON schools_membership;
    DROP FUNCTION council_membership_by_decision();
"""


class Migration(migrations.Migration):
    dependencies = [("council", "0002_meetings_from_notice_to_execution")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD), migrations.RunSQL(GUARD, UNGUARD)]
