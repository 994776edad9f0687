### What a person may ask of the house: restriction, alerts, incidents, retention.

## Restriction

nav-restrictions = Restricted use
restrict-lead = What is restricted is kept as it is, and nobody uses it but you and those who answer for this person: no doctor, carer, program, plugin or link, whatever was granted, until you lift it.
restrict-none = Nothing is restricted.
restrict-all = Everything
restrict-gone = A record that is not there any more
restrict-since = since { $when }
restrict-by = by { $name }
restrict-more =
    { $count ->
        [one] and one more
       *[other] and { $count } more
    }
restrict-emergency = Whoever helps in an emergency does not see what is restricted either.
restrict-everything = Restrict everything
restrict-everything-help = Everything about this person, also what is added later. Others then see none of it and add nothing.
restrict-reason = Why (if you like)
restrict-go = Restrict
restrict-lift = Lift
restrict-done = Restricted. What was open to others is closed.
restrict-lifted = Lifted. What was granted is open again.
restrict-notice-all = Use is restricted: everything about this person is kept and used by nobody else.
restrict-notice-record = Use is restricted: this record is kept and used by nobody else.
restrict-this = Restrict use
restrict-this-help = The record is kept, and nobody else uses it until you lift that.
kinds-restriction = Restrictions

## Alerts

alert-volume = { $name } opened { $count } records within an hour ({ $when }). If that was not meant to be, take their access back, or sign out your other devices.
alert-hour = { $name } looked at records at an unusual hour ({ $when }).
alert-refusals = { $name } was refused { $count } times within ten minutes ({ $when }).
alert-somebody = Somebody
alert-door = Somebody at the door
alerts-title = Unusual access
alerts-lead = Who opened very many records, looked at night, or was refused many times. Whose records it was stands on the pages of those people; they were told.
alerts-none = There was nothing unusual.
alerts-recent = Access was unusual in the last seven days.
mail-unusual-subject = Unusual access to records
mail-unusual-text = access to health records in your house was unusual: very many records, at night, or many refusals. Who it was and how much stands here once you have signed in:
mail-unusual-end = If that was not meant to be, take the access back and tell the person who looks after the machine.
