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
restrict-everything-help = Everything about this person, also what is added later. Others then see none of it and add nothing, and nobody is reminded of a dose or an appointment.
restrict-reason = Why (if you like)
restrict-go = Restrict
restrict-lift = Lift
restrict-done = Restricted. What was open to others is closed.
restrict-lifted = Lifted. What was granted is open again.
restrict-notice-all = Use is restricted: everything about this person is kept and used by nobody else.
restrict-notice-record = Use is restricted: this record is kept and used by nobody else.
restrict-mark = Restricted
restrict-this = Restrict use
restrict-this-help = The record is kept, and nobody else uses it until you lift that. Nobody is reminded of it meanwhile, not even you.
kinds-restriction = Restrictions

## Alerts

alert-volume = { $name } opened { $count } records within an hour ({ $when }). If that was not meant to be, take their access back, or sign out your other devices.
alert-hour = { $name } looked at records at an unusual hour ({ $when }).
alert-refusals = { $name } was refused { $count } times within ten minutes ({ $when }).
alert-hand-over = { $name } asked to hand somebody’s records over to an account ({ $when }).
alert-reset-link = { $name } made a link with which the password of an account here is set anew ({ $when }). Whoever has the link can sign in with that account.
alert-let-in = { $name } let an account be family of somebody whose records are kept here ({ $when }). Whom, stands on the page of the family, where it is ended too.
alert-somebody = Somebody
alert-door = Somebody at the door
alerts-title = Unusual access
alerts-lead = Who opened very many records, looked at night, or was refused many times. Whose records it was stands on the pages of those people; they were told.
alerts-none = There was nothing unusual.
alerts-recent = Access was unusual in the last seven days.
mail-unusual-subject = Unusual access to records
mail-unusual-text = access to health records in your house was unusual: very many records, at night, or many refusals. Who it was and how much stands here once you have signed in:
mail-unusual-end = If that was not meant to be, take the access back and tell the person who looks after the machine.

## Incidents

incident-title = What happened: report
incident-lead = What a report on a breach needs: who did what and when, to how many people, with which kinds of record, and by which sessions, tokens and grants. Nothing of a record stands in it, and of people only those with an account.
incident-from = From
incident-to = To, the day included
incident-account = Whose doings
incident-everybody = Everybody's
incident-go = Show
incident-wrong = The days do not fit: the last must not lie before the first, and a report is about a year at most.
incident-report = Report
incident-span = From { $from } to { $to }
incident-made = Made on { $when }
incident-people = Records of { $count } people were touched.
incident-more = Not all lines of what happened stand here. The numbers are of all; the file has more.
incident-unreadable = { $count } rows of the log could not be read: run phm verify.
incident-file = Download as JSON
incident-records = How often records were touched
incident-actors = Who
incident-events = What happened, by the hour
incident-sessions = Signed-in devices
incident-tokens = Tokens
incident-grants = What was granted to them
incident-kind-unknown = Not known any more
incident-kind-plugin = A call of a plugin about nobody
incident-column-who = Who
incident-column-email = E-mail
incident-column-first = First
incident-column-last = Last
incident-column-people = People
incident-column-records = Records
incident-column-refused = Refused
incident-column-hour = Hour
incident-column-action = What
incident-column-outcome = Outcome
incident-column-kind = Kind
incident-column-count = How many
incident-column-device = Device
incident-column-since = Since
incident-column-token = Token
incident-column-until = Until
incident-column-state = State
incident-column-template = Template
incident-column-revoked = Taken back
incident-action-read = looked
incident-action-add = added
incident-action-amend = changed
incident-action-remove = removed
incident-action-restore = restored
incident-action-share = gave access
incident-action-revoke = took back access
incident-action-export = took out
incident-action-import = imported
incident-action-undo = undid an import
incident-action-erase = erased
incident-action-rectify = destroyed what a record said
incident-action-purge = erased after its time
incident-action-sign-in = signed in
incident-action-sign-out = signed out
incident-action-administer = administered
incident-action-back-up = backed up
incident-action-unlock = unlocked
incident-action-begin-log = began a log
incident-outcome-allowed = done
incident-outcome-refused = refused
incident-outcome-failed = failed

## Retention

nav-retention = How long records are kept
retention-lead = Records are kept for good unless a rule says otherwise. What a rule destroys is gone beyond recall, with all its versions, and stands in “Who looked”.
retention-none = There is no rule: everything is kept.
retention-rule = { $what }: kept for { $span }
retention-years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}
retention-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
retention-from = destroys nothing before { $when }
retention-since = in force since { $when }
retention-due = { $count ->
    [one] { $count } record would go now
   *[other] { $count } records would go now
}
retention-between = from { $from } to { $to }
retention-kept = { $count ->
    [one] { $count } is not as old as that
   *[other] { $count } are not as old as that
}
retention-restricted = { $count ->
    [one] { $count } is restricted and stays
   *[other] { $count } are restricted and stay
}
retention-going-on = { $count ->
    [one] { $count } goes on and stays
   *[other] { $count } go on and stay
}
retention-on = In force
retention-soon = Not yet
retention-end = End this rule
retention-what-stays = Time is counted from when something happened or was last changed, whichever is later. What is restricted stays, and so does what goes on, such as a medicine that is taken. Backups from before hold what went until they are deleted.
retention-preview = What this would destroy
retention-confirm = Nothing goes within the next seven days; until then the rule can be ended. Afterwards whatever is as old as that goes by itself, beyond recall.
retention-go = Make this rule
retention-make = Make a rule
retention-kind = Which records
retention-for-years = Kept for how many years
retention-look = See what it would destroy
retention-made = The rule is made. Nothing goes within the next seven days.
retention-ended = The rule is ended. These records are kept.
retention-wrong = Choose a kind of record, and between 1 and 100 years.
audit-purge = Destroyed because their time was over: { $records }
purpose-retention = Rule of how long records are kept
mail-retention-subject = For how long records are kept has changed
mail-retention-text = a rule was made or changed that says for how long records that you look after are kept. What is older is destroyed, a week from now at the earliest. Who made it stands under “Who looked” once you have signed in:
mail-retention-end = If that was not meant to be, end the rule within the week.
mail-purged-subject = Records were destroyed because their time was over
mail-purged-text = by a rule that was made for them, records that you look after were destroyed because their time was over. How many stands under “Who looked” once you have signed in:
mail-purged-end = If that was not meant to be, end the rule. A backup from before may still hold them.
audit-restrict = Restricted use of records
audit-lift = Lifted a restriction
audit-retention = Changed for how long records are kept
kinds-retention = Rules of how long records are kept

nav-house-retention = How long records are kept in this house
house-retention-lead = You propose for how long records of a kind are kept; the numbers are over all people.
house-retention-is-asked = No record of anybody is destroyed before they have agreed.
house-retention-is-enforced = The setting “retention.enforce” is on: for those who say nothing it is carried out a week after they were told.
house-retention-none = The house proposes nothing: everything is kept unless somebody’s own rule says otherwise.
house-retention-what-stays = A person’s own rule and what is restricted count for more than what the house proposes, and whoever has nobody that could be told keeps everything.
house-retention-make = Propose something
house-retention-confirm = Whoever it is about is told by a letter and on their pages. What somebody agreed to is a rule of their own, and stays when this is ended.
house-retention-go = Propose it to everybody
house-retention-by = proposed by { $name }, { $when }
house-retention-people = { $count ->
    [one] of { $count } person
   *[other] of { $count } people
}
house-retention-own = { $count ->
    [one] { $count } person has a rule of their own
   *[other] { $count } people have a rule of their own
}
house-retention-proposed = Proposed
house-retention-enforced = Carried out
house-retention-open = Not answered
house-retention-made = It is proposed. Whoever it is about is told.
house-retention-changed = The house proposes something else by now. Look at it again before you answer.
house-retention-ended = The house proposes this no more. What somebody agreed to is a rule of their own, and stays.
house-retention-proposals = The house proposes
house-retention-asks = nothing goes before you have agreed
house-retention-begins = carried out from { $when } on, unless you keep these records
house-retention-keep = Keep these records
house-retention-agree = Agree
house-retention-waits = The house proposes for how long some of these records are kept, and waits for your answer under “How long records are kept”.
mail-proposed-subject = For how long records are kept: a proposal
mail-proposed-text = the house where records that you look after are kept proposes to destroy some of them after a time. Nothing is destroyed before you have agreed. What it is about stands there once you have signed in, under “How long records are kept”:
mail-proposed-end = If you do nothing, everything is kept.
mail-announced-subject = Records will be destroyed unless you keep them
mail-announced-text = by a rule of the house, records that you look after and whose time is over will be destroyed, a week from now at the earliest. What it is about stands there once you have signed in, under “How long records are kept”; there you can keep them:
mail-announced-end = If you do nothing, they are destroyed beyond recall.

## Data and rights

nav-data = Your data and rights
data-lead = What you may ask for about what is kept of this person: a copy, a correction, a restriction, who looked, and the end of it.
data-copy = Take a copy
data-copy-help = To read: one page in any browser, to print. To take elsewhere: FHIR, which other programs read, with the measurements of devices, and a table.
data-readable = To read (HTML)
data-fhir = For programs (FHIR)
data-csv = As a table (CSV)
data-correct = Correct
data-correct-help = Open a record and change it: what it said before stays in its history. Whoever may erase can destroy what it said before.
data-made = Copy made on { $when }
data-written = Last written on { $when }
data-erase = Erase everything about this person
data-erase-help = Everything goes, beyond recall: records, documents, who looked, and your account where it is for this person alone. Backups from before hold it until they are deleted. Take a copy first.
data-erase-confirm = Type the name once more: { $name }
data-erase-go = Erase everything
data-erase-wrong = The name was not typed as it stands here. Nothing was erased.
looked-actor = Who
looked-anybody = Anybody
looked-any-kind = Any kind
looked-person = People
looked-token = Programs
looked-plugin = Plugins
looked-service = Services of the house
looked-operator = The operator
looked-csv = Download as a table (CSV)
looked-json = Download as JSON
