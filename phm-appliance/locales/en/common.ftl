### What every page shares: navigation, actions, dates, units.

## Product, navigation, actions

product = PHM
skip-to-content = Skip to content
language = Language
plain-http = This connection is not encrypted. Passkeys, share links, notifications, use without a connection and the live camera need https and are switched off.
nav-label = Records of this person
nav-account = Your account
nav-overview = Overview
nav-timeline = Timeline
nav-records = Records
nav-more = More kinds
nav-add = Add
nav-import = Import
nav-who-looked = Who looked
nav-settings = Settings
nav-admin = Administration
switcher-label = Family
switcher-all = Everyone
person-nameless = Person without a name
save = Save
cancel = Cancel
back = Back
back-home = Back to the start
edit = Edit
remove = Remove
restore = Restore
upload = Upload
see-all = See all
yes = Yes
no = No
unit = Unit
required = Required
choose-none = –
request-id = If you ask for help, name this number: { $id }
crumbs-label = Where you are
pager-label = Pages
pager-newer = Newer
pager-older = Older
pager-where = Page { $page } of { $pages }
records-count = { $count ->
    [one] { $count } record
   *[other] { $count } records
}
pages-count = { $count ->
    [one] { $count } page
   *[other] { $count } pages
}
size-kb = { $size } KB
size-mb = { $size } MB

## Dates

date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-time = { $date }, { $time }
date-shape = YYYY-MM-DD
pick-date = Choose a date
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
month-short-1 = Jan
month-short-2 = Feb
month-short-3 = Mar
month-short-4 = Apr
month-short-5 = May
month-short-6 = Jun
month-short-7 = Jul
month-short-8 = Aug
month-short-9 = Sep
month-short-10 = Oct
month-short-11 = Nov
month-short-12 = Dec
age-years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}
age-months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
today = today
tomorrow = tomorrow
in-days = { $count ->
    [one] in { $count } day
   *[other] in { $count } days
}
since = since { $date }

## Units that are words

unit-per-minute = per minute
unit-days = { $count ->
    [one] day
   *[other] days
}
unit-weeks = { $count ->
    [one] week
   *[other] weeks
}
unit-months = { $count ->
    [one] month
   *[other] months
}
unit-years = { $count ->
    [one] year
   *[other] years
}
unit-hours = { $count ->
    [one] hour
   *[other] hours
}
unit-tablet = { $count ->
    [one] tablet
   *[other] tablets
}
unit-capsule = { $count ->
    [one] capsule
   *[other] capsules
}
unit-drop = { $count ->
    [one] drop
   *[other] drops
}
unit-puff = { $count ->
    [one] puff
   *[other] puffs
}
