### What every page shares: navigation, actions, dates, units.

## Product, navigation, actions

product = PHM
skip-to-content = ਸਮੱਗਰੀ 'ਤੇ ਜਾਓ
language = ਭਾਸ਼ਾ
plain-http = ਇਹ ਕਨੈਕਸ਼ਨ ਐਨਕ੍ਰਿਪਟਡ ਨਹੀਂ ਹੈ। ਪਾਸਕੀ, ਸਾਂਝੇ ਲਿੰਕ, ਸੂਚਨਾਵਾਂ, ਬਿਨਾਂ ਕਨੈਕਸ਼ਨ ਵਰਤੋਂ ਅਤੇ ਲਾਈਵ ਕੈਮਰੇ ਲਈ https ਚਾਹੀਦਾ ਹੈ; ਉਹ ਬੰਦ ਹਨ।
nav-label = ਇਸ ਵਿਅਕਤੀ ਦੇ ਰਿਕਾਰਡ
nav-account = ਤੁਹਾਡਾ ਖਾਤਾ
nav-overview = ਸਾਰ
nav-timeline = ਸਮਾਂ-ਰੇਖਾ
nav-records = ਰਿਕਾਰਡ
nav-more = ਹੋਰ ਕਿਸਮਾਂ
nav-add = ਜੋੜੋ
nav-import = ਆਯਾਤ
nav-who-looked = ਕਿਸਨੇ ਦੇਖਿਆ
nav-settings = ਸੈਟਿੰਗਾਂ
nav-admin = ਪ੍ਰਬੰਧ
switcher-label = ਪਰਿਵਾਰ
switcher-all = ਸਾਰੇ ਲੋਕ
person-nameless = ਬਿਨਾਂ ਨਾਮ ਦਾ ਵਿਅਕਤੀ
save = ਸੰਭਾਲੋ
cancel = ਰੱਦ ਕਰੋ
back = ਵਾਪਸ
back-home = ਸ਼ੁਰੂ 'ਤੇ ਵਾਪਸ
edit = ਬਦਲੋ
remove = ਹਟਾਓ
restore = ਵਾਪਸ ਲਿਆਓ
upload = ਅਪਲੋਡ ਕਰੋ
see-all = ਸਾਰੇ ਦੇਖੋ
yes = ਹਾਂ
no = ਨਹੀਂ
unit = ਇਕਾਈ
required = ਜ਼ਰੂਰੀ
choose-none = –
request-id = ਮਦਦ ਮੰਗਣ ਵੇਲੇ ਇਹ ਨੰਬਰ ਦੱਸੋ: { $id }
crumbs-label = ਤੁਸੀਂ ਕਿੱਥੇ ਹੋ
pager-label = ਪੰਨੇ
pager-newer = ਨਵੇਂ
pager-older = ਪੁਰਾਣੇ
pager-where = ਪੰਨਾ { $pages } ਵਿੱਚੋਂ { $page }
records-count = { $count ->
    [one] { $count } ਰਿਕਾਰਡ
   *[other] { $count } ਰਿਕਾਰਡ
}
pages-count = { $count ->
    [one] { $count } ਪੰਨਾ
   *[other] { $count } ਪੰਨੇ
}
size-kb = { $size } KB
size-mb = { $size } MB

## Dates

date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-time = { $date }, { $time }
date-shape = YYYY-MM-DD
pick-date = ਤਾਰੀਖ ਚੁਣੋ
month-1 = ਜਨਵਰੀ
month-2 = ਫ਼ਰਵਰੀ
month-3 = ਮਾਰਚ
month-4 = ਅਪ੍ਰੈਲ
month-5 = ਮਈ
month-6 = ਜੂਨ
month-7 = ਜੁਲਾਈ
month-8 = ਅਗਸਤ
month-9 = ਸਤੰਬਰ
month-10 = ਅਕਤੂਬਰ
month-11 = ਨਵੰਬਰ
month-12 = ਦਸੰਬਰ
month-short-1 = ਜਨ
month-short-2 = ਫ਼ਰ
month-short-3 = ਮਾਰਚ
month-short-4 = ਅਪ੍ਰੈ
month-short-5 = ਮਈ
month-short-6 = ਜੂਨ
month-short-7 = ਜੁਲਾ
month-short-8 = ਅਗ
month-short-9 = ਸਤੰ
month-short-10 = ਅਕਤੂ
month-short-11 = ਨਵੰ
month-short-12 = ਦਸੰ
age-years = { $count ->
    [one] { $count } ਸਾਲ
   *[other] { $count } ਸਾਲ
}
age-months = { $count ->
    [one] { $count } ਮਹੀਨਾ
   *[other] { $count } ਮਹੀਨੇ
}
today = ਅੱਜ
tomorrow = ਕੱਲ੍ਹ
in-days = { $count ->
    [one] { $count } ਦਿਨ ਵਿੱਚ
   *[other] { $count } ਦਿਨਾਂ ਵਿੱਚ
}
since = { $date } ਤੋਂ

## Units that are words

unit-per-minute = ਪ੍ਰਤੀ ਮਿੰਟ
unit-days = { $count ->
    [one] ਦਿਨ
   *[other] ਦਿਨ
}
unit-weeks = { $count ->
    [one] ਹਫ਼ਤਾ
   *[other] ਹਫ਼ਤੇ
}
unit-months = { $count ->
    [one] ਮਹੀਨਾ
   *[other] ਮਹੀਨੇ
}
unit-years = { $count ->
    [one] ਸਾਲ
   *[other] ਸਾਲ
}
unit-hours = { $count ->
    [one] ਘੰਟਾ
   *[other] ਘੰਟੇ
}
unit-tablet = { $count ->
    [one] ਗੋਲੀ
   *[other] ਗੋਲੀਆਂ
}
unit-capsule = { $count ->
    [one] ਕੈਪਸੂਲ
   *[other] ਕੈਪਸੂਲ
}
unit-drop = { $count ->
    [one] ਬੂੰਦ
   *[other] ਬੂੰਦਾਂ
}
unit-puff = { $count ->
    [one] ਪਫ਼
   *[other] ਪਫ਼
}
