### Who may see what: access, family, tokens, accounts.

## Navigation

nav-access = Who can see
nav-family = Family and carers
nav-patients = My patients
nav-tokens = Tokens for programs

## Access

access-lead = Nobody sees these records unless it says so here. You can take any of it back at once.
access-now = Who can see now
access-none = Nobody but the family. Nothing is shared.
access-past = What has ended
access-give = Let somebody see
access-to = Who
access-to-help = People who work in this house and your family.
access-nobody-known = Nobody you could choose has an account here yet. Invite your family, or ask an administrator to make an account for your doctor.
access-what = What, and for how long
access-purpose = Why (they and the log will show it)
access-private = Also what is private
access-private-help = Without a mark here, such records stay hidden even from those who may see everything else.
label-mental-health = Mental health and addiction
label-sexual-health = Sexual and reproductive health
label-private-note = Private notes
label-restricted = Restricted by whoever sent it
mark-heading = Who may see this
mark-is = Sensitive: { $labels }
mark-help = What you mark is shown only to people whom you have given this kind of private record. What follows from a code stays marked.
mark-save = Save marks
access-go = Give access
access-revoke = Take back
access-give-up = Give it up
access-given = Access given.
access-taken-back = Taken back. What it opened is closed.
access-everything = Everything that is not private
access-until = until { $when }
access-from = from { $when }
access-until-revoked = until you take it back
access-by = given by { $name }
access-between = only from { $from } to { $to }
access-only-from = only from { $from }
access-only-to = only up to { $to }
access-chosen = { $count ->
    [one] { $count } chosen record
   *[other] { $count } chosen records
}
access-also-private = also: { $labels }
access-role = Everybody in the role { $role }
access-plugin = The plugin { $name }
access-service = The service { $name }
access-token = A token
state-live = Open
state-scheduled = Not yet
state-waiting = For an emergency
state-asked = Asked for
state-ended = Ended
state-revoked = Taken back
action-read = See
action-add = Add
action-amend = Change
action-share = Pass on
action-export = Take copies
template-labs-and-medicines = Lab results and medicines, for 24 hours
template-labs-and-medicines-for = For a doctor’s second look
template-visit = Everything, for 24 hours
template-visit-for = For a visit to the doctor
template-treatment = Everything, for 90 days, and may add
template-treatment-for = For the doctor who treats you
template-pharmacy = Medicines and prescriptions, for 7 days
template-pharmacy-for = For the pharmacy
template-laboratory = Lab results and reports, for 7 days, and may add
template-laboratory-for = For the laboratory
template-emergency = Everything, in an emergency only
template-emergency-for = For family: it opens 48 hours after they ask, unless you say no
template-break-glass = Emergency access without consent

## Emergencies

notice-broken = { $name } opened these records in an emergency on { $when }, without your consent. The reason given: { $reason }
notice-asked = { $name } asks to see these records because of an emergency. They open on { $when } unless you say no.
notice-opened = { $name } asked because of an emergency and can see these records now.
notice-seen = I have seen this
notice-refuse = Say no
emergency-refused = You said no. Nothing opens.
purpose-break-glass = Emergency without consent: { $reason }

## Family

family-lead = Who keeps these records, who answers for the person, and who helps.
family-now = The family
family-you = That is you
family-looks = Sees { $what }
family-edits = Sees and changes { $what }
family-keeps = Keeps the records: sees and decides everything
family-guards = Answers for the person: sees what the person’s age allows
family-is = These are their own records
family-change = Change
family-end = End this
family-end-explained = From then on this person sees nothing here any more, unless something was granted to them.
family-leave = Leave
family-leave-explained = You will see these records no more, unless somebody invites you again.
family-last-keeper = Nobody else could reach these records. Name another owner or a guardian first.
family-invite = Invite somebody
family-invite-lead = You get a link to send. Whoever opens it and signs in is in the family. It works once, for seven days.
family-as = As
family-as-carer = Carer who looks
family-as-editor = Carer who writes things down too
family-as-guardian = Guardian
family-as-owner = Owner, like you
family-as-self = The person, who takes the records over
family-too-young = This person is too young to take over, or the date of birth is not known. Set it first.
family-kinds = What a carer sees
family-kinds-all = Everything that is not private
family-kinds-chosen = Only these
family-invite-go = Make the link
family-link = The link
family-link-help = Send it to the person you mean, and to nobody else. It is shown only now.
family-waiting = Invitations that nobody has accepted
family-withdraw = Take back
family-handing-title = Records are to be handed over
family-handing = An administrator wants to hand these records over to an account. From { $when } on that can be done, unless somebody refuses.
family-handing-refuse = Refuse
family-saved = Saved.
family-ended = Ended.
join-title = An invitation
join-lead = Somebody has invited you to look after records.
join-field = Invitation
join-field-help = The part of the link behind the sign #
join-look = See what it is
join-for = { $by } invites you to the family of { $name }.
join-accept = Accept
join-invalid = This invitation is used up, older than seven days, or no longer stands.
join-already = You are in this family already.
join-as-self = These are your own records. They are yours from now on, and whoever kept them sees what you show.
join-has-records = Your account has records of its own already, which would be left behind. Take over with a new account.

## My patients

patients-lead = People who let you see their records, and until when.
patients-none = Nobody has let you see their records now.
patients-emergency = For an emergency
patients-emergency-lead = These people trust you with their records if something happens. It opens after the hours they chose, unless they say no.
patients-ask = I need it now
patients-asked = Asked. It opens on { $when }.
patients-hours = { $count ->
    [one] opens { $count } hour after you ask
   *[other] opens { $count } hours after you ask
}
glass-heading = Somebody is in danger and cannot be asked
glass-lead = You can open the records of a patient for one hour, to read. Private records stay closed. The person is told your name and your reason, and every look is listed.
glass-name = Full name of the patient
glass-born = Day of birth
glass-reason = Why it cannot wait
glass-go = Open the records
glass-nobody = No single patient has this name and this day of birth.
glass-reason-needed = Say why in a few words.

## Tokens

tokens-lead = A token lets a program read or write for you, narrowly and for a time. It never can do more than you.
tokens-none = You have no tokens.
tokens-make = Make a token
tokens-name = What is it for?
tokens-people = Whose records
tokens-kinds = Which kinds
tokens-kinds-all = All kinds
tokens-may = What it may do
tokens-until = Until
tokens-go = Make it
tokens-made = Here is the token. It is shown only now: copy it into your program.
tokens-revoke = Revoke
tokens-revoked = Revoked
tokens-over = Over
tokens-for-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}

## Accounts and the table of permissions

accounts-back = Accounts
account-roles = Roles
account-active = May sign in
account-save = Save
account-closed = Closed
account-sign-out = Sign out everywhere
account-unlock = Forget wrong passwords
account-unlock-help = After several wrong passwords or codes somebody has to wait before they can try again. If you know that it was they themselves, they need not.
account-take-over = Hand records over to this account
account-take-over-help = A young person who has come of age takes over the records that were kept for them. Whoever keeps them does it on the page of the family; here it is done where nobody in the family can any more. Whoever is family can tell the address of the person’s page.
account-take-over-person = The address of the person’s page, or their number
account-take-over-go = Hand over
account-take-over-refused = There is no such person, somebody in the family can still do it, or you are family yourself.
account-take-over-full = This account has records of its own already, which would be left behind. Use a new account.
account-take-over-how = Everybody who is family to the person or helps them is told and can refuse for a week. It is done when another administrator, whose account has been as it is for a week, agrees, or when it is asked for again after that week.
account-take-over-waits = { $name } asked for it on { $at }. It waits for another administrator, or until { $until }; then it can be done here.
account-take-over-unheard = { $name } asked for it on { $at }. Nobody of the family can hear of it: their accounts are closed, and no letter could be sent to them. So it waits for another administrator, or for the person who looks after the machine.
account-take-over-no = { $name } asked for it on { $at }, and somebody of the family refused. Only the person who looks after the machine can do it now.
account-take-over-agree = Agree, or do it now
account-take-over-was-refused = Somebody of the family refused. Only the person who looks after the machine can do it now.
account-last-admin = Nobody would be left who runs the house. Make somebody else an administrator first.
account-need-role = Choose at least one role.
account-new = Add an account
account-new-lead = The person signs in with this password the first time.
account-saved = Saved.
permissions-title = Who may do what
permissions-lead = This is the one table the program is tested against. Being an administrator opens nobody’s records.
permissions-what = What
permissions-key = Signs
permission-yes = may
permission-no = may not
permission-unknown = does not even learn that the person exists
permission-door = has to sign in
column-nobody = Nobody
column-self = The person
column-owner = Owner
column-guardian = Guardian
column-carer = Carer who looks
column-editor = Carer who writes
column-granted = With a grant
column-ended = After it
column-stranger = Stranger
column-provider = Provider
column-admin = Admin
column-token = Token
chapter-records = Records
chapter-people = The person
chapter-consent = Who may see
chapter-family = Family
chapter-account = One’s own account
chapter-house = The house
chapter-door = The door
permission-open = open to anybody
dashboard-not-shared = Not shared with you: { $kinds }. That nothing of it stands here does not mean that there is none.
audit-revoke = Took back access
audit-administer = Changed who may see
audit-sent = Sent something to { $host }
problem-email-taken = Somebody signs in with this address already.
kinds-grant = Permissions
kinds-relation = Family
ended-title = Access has ended
ended-text = What you were looking at is no longer shared with you.

## Links

nav-links = Links for others
links-lead = A link opens chosen records for somebody without an account, in any browser. They are sealed anew: the key stands in the link only, not on this machine.
links-none = There are no links.
links-make = Make a link
links-go = Make it
links-parts = What goes along
links-parts-help = Of results and measurements, those of the last year. What is private stays out.
links-this-record = The record you came from goes along.
links-one-day = 24 hours
links-once = Good once
links-passcode = With a passcode
links-passcode-field = Passcode (if you like)
links-passcode-help = Tell it by another way than the link. After five wrong ones in all the link is dead.
links-used = Used
links-locked = Too many wrong passcodes
links-opened = opened { $count } times, last on { $when }
links-not-opened = not opened yet
links-made-help = Send it to the person you mean. It is shown only now.
links-need-https = Links need a secure connection (https): on this one a browser decrypts nothing.
links-observations = Results and measurements
link-title = Health records for you
link-lead = Somebody shares health records with you by this link.
link-open = Show the records
link-passcode = Passcode
link-gone = This link is over, was used, or never was. Ask the person who sent it for a new one.
link-wrong-passcode = This passcode is not right. After five wrong ones in all the link is dead.
link-broken = The records could not be opened. Is the link complete?
link-print = Print
link-needs-script = This page decrypts the records in your browser and needs JavaScript for it.
person-plugins = Plugins
person-plugins-lead = A plugin reads only what you let it, and only while you do. What it proposes becomes a record when somebody accepts it, or a rule of yours does. What you give stands under Who can see, where you take it back.
person-plugins-none = No plugin that is on asks for anything of yours.
person-plugins-kinds = What it may work with
person-plugins-send = It may send what it reads to { $host }
