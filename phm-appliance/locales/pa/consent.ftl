### ਕੌਣ ਕੀ ਵੇਖ ਸਕਦਾ ਹੈ: ਪਹੁੰਚ, ਪਰਿਵਾਰ, ਟੋਕਨ, ਖਾਤੇ।

## Navigation

nav-access = ਕੌਣ ਵੇਖ ਸਕਦਾ ਹੈ
nav-family = ਪਰਿਵਾਰ ਅਤੇ ਸੰਭਾਲ ਕਰਨ ਵਾਲੇ
nav-patients = ਮੇਰੇ ਮਰੀਜ਼
nav-tokens = ਪ੍ਰੋਗਰਾਮਾਂ ਦੇ ਟੋਕਨ

## Access

access-lead = ਜਦੋਂ ਤੱਕ ਇੱਥੇ ਨਾ ਲਿਖਿਆ ਹੋਵੇ, ਇਹ ਰਿਕਾਰਡ ਕੋਈ ਨਹੀਂ ਵੇਖਦਾ। ਤੁਸੀਂ ਕੁਝ ਵੀ ਤੁਰੰਤ ਵਾਪਸ ਲੈ ਸਕਦੇ ਹੋ।
access-now = ਹੁਣ ਕੌਣ ਵੇਖ ਸਕਦਾ ਹੈ
access-none = ਪਰਿਵਾਰ ਤੋਂ ਬਿਨਾਂ ਕੋਈ ਨਹੀਂ। ਕੁਝ ਵੀ ਸਾਂਝਾ ਨਹੀਂ ਹੈ।
access-past = ਜੋ ਖ਼ਤਮ ਹੋ ਚੁੱਕਾ
access-give = ਕਿਸੇ ਨੂੰ ਵੇਖਣ ਦਿਓ
access-to = ਕਿਸਨੂੰ
access-to-help = ਇਸ ਘਰ ਵਿੱਚ ਕੰਮ ਕਰਨ ਵਾਲੇ ਲੋਕ ਅਤੇ ਤੁਹਾਡਾ ਪਰਿਵਾਰ।
access-nobody-known = ਜਿਸਨੂੰ ਤੁਸੀਂ ਚੁਣ ਸਕੋ, ਅਜਿਹੇ ਕਿਸੇ ਦਾ ਇੱਥੇ ਅਜੇ ਖਾਤਾ ਨਹੀਂ ਹੈ। ਪਰਿਵਾਰ ਨੂੰ ਸੱਦੋ, ਜਾਂ ਪ੍ਰਬੰਧਕ ਨੂੰ ਕਹੋ ਕਿ ਤੁਹਾਡੇ ਡਾਕਟਰ ਦਾ ਖਾਤਾ ਬਣਾ ਦੇਵੇ।
access-what = ਕੀ, ਅਤੇ ਕਦੋਂ ਤੱਕ
access-purpose = ਕਿਉਂ (ਉਨ੍ਹਾਂ ਨੂੰ ਅਤੇ ਲੌਗ ਵਿੱਚ ਦਿਸੇਗਾ)
access-private = ਜੋ ਨਿੱਜੀ ਹੈ ਉਹ ਵੀ
access-private-help = ਇੱਥੇ ਨਿਸ਼ਾਨ ਨਾ ਹੋਵੇ ਤਾਂ ਅਜਿਹੇ ਰਿਕਾਰਡ ਉਨ੍ਹਾਂ ਤੋਂ ਵੀ ਲੁਕੇ ਰਹਿੰਦੇ ਹਨ ਜੋ ਬਾਕੀ ਸਭ ਵੇਖ ਸਕਦੇ ਹਨ।
label-mental-health = ਮਾਨਸਿਕ ਸਿਹਤ ਅਤੇ ਨਸ਼ਾ
label-sexual-health = ਜਿਨਸੀ ਅਤੇ ਪ੍ਰਜਨਨ ਸਿਹਤ
label-private-note = ਨਿੱਜੀ ਨੋਟ
label-restricted = ਭੇਜਣ ਵਾਲੇ ਨੇ ਸੀਮਤ ਕੀਤਾ
mark-heading = ਇਸਨੂੰ ਕੌਣ ਵੇਖ ਸਕਦਾ ਹੈ
mark-is = ਸੰਵੇਦਨਸ਼ੀਲ: { $labels }
mark-help = ਜਿਸ ਤੇ ਤੁਸੀਂ ਨਿਸ਼ਾਨ ਲਾਉਂਦੇ ਹੋ, ਉਹ ਸਿਰਫ਼ ਉਨ੍ਹਾਂ ਨੂੰ ਦਿਸਦਾ ਹੈ ਜਿਨ੍ਹਾਂ ਨੂੰ ਤੁਸੀਂ ਇਸ ਤਰ੍ਹਾਂ ਦੇ ਨਿੱਜੀ ਰਿਕਾਰਡ ਦਿੱਤੇ ਹਨ। ਜੋ ਕਿਸੇ ਕੋਡ ਤੋਂ ਨਿਕਲਦਾ ਹੈ, ਉਸਦਾ ਨਿਸ਼ਾਨ ਬਣਿਆ ਰਹਿੰਦਾ ਹੈ।
mark-save = ਨਿਸ਼ਾਨ ਸੰਭਾਲੋ
access-go = ਵੇਖਣ ਦਿਓ
access-revoke = ਵਾਪਸ ਲਓ
access-give-up = ਛੱਡ ਦਿਓ
access-given = ਵੇਖਣ ਦੀ ਇਜਾਜ਼ਤ ਦੇ ਦਿੱਤੀ ਗਈ।
access-taken-back = ਵਾਪਸ ਲੈ ਲਿਆ ਗਿਆ। ਜੋ ਖੁੱਲ੍ਹਾ ਸੀ ਉਹ ਬੰਦ ਹੈ।
access-everything = ਜੋ ਨਿੱਜੀ ਨਹੀਂ ਹੈ ਉਹ ਸਭ
access-until = { $when } ਤੱਕ
access-from = { $when } ਤੋਂ
access-until-revoked = ਜਦੋਂ ਤੱਕ ਤੁਸੀਂ ਵਾਪਸ ਨਾ ਲਵੋ
access-by = { $name } ਨੇ ਦਿੱਤਾ
access-between = ਸਿਰਫ਼ { $from } ਤੋਂ { $to } ਤੱਕ ਦਾ
access-only-from = ਸਿਰਫ਼ { $from } ਤੋਂ
access-only-to = ਸਿਰਫ਼ { $to } ਤੱਕ
access-chosen = { $count ->
    [one] { $count } ਚੁਣਿਆ ਰਿਕਾਰਡ
   *[other] { $count } ਚੁਣੇ ਰਿਕਾਰਡ
}
access-also-private = ਇਹ ਵੀ: { $labels }
access-role = { $role } ਦੀ ਭੂਮਿਕਾ ਵਾਲੇ ਸਭ
access-plugin = ਪਲੱਗਇਨ { $name }
access-service = ਸੇਵਾ { $name }
access-token = ਇੱਕ ਟੋਕਨ
state-live = ਖੁੱਲ੍ਹਾ
state-scheduled = ਅਜੇ ਨਹੀਂ
state-waiting = ਐਮਰਜੈਂਸੀ ਲਈ
state-asked = ਮੰਗਿਆ ਗਿਆ
state-ended = ਖ਼ਤਮ
state-revoked = ਵਾਪਸ ਲਿਆ ਗਿਆ
action-read = ਵੇਖਣਾ
action-add = ਜੋੜਨਾ
action-amend = ਬਦਲਣਾ
action-share = ਅੱਗੇ ਦੇਣਾ
action-export = ਕਾਪੀਆਂ ਲੈਣਾ
template-labs-and-medicines = ਜਾਂਚ ਦੇ ਨਤੀਜੇ ਅਤੇ ਦਵਾਈਆਂ, 24 ਘੰਟੇ
template-labs-and-medicines-for = ਡਾਕਟਰ ਦੀ ਦੂਜੀ ਰਾਇ ਲਈ
template-visit = ਸਭ ਕੁਝ, 24 ਘੰਟੇ
template-visit-for = ਡਾਕਟਰ ਨੂੰ ਮਿਲਣ ਦੇ ਦਿਨ ਲਈ
template-treatment = ਸਭ ਕੁਝ, 90 ਦਿਨ, ਅਤੇ ਜੋੜ ਵੀ ਸਕਦੇ ਹਨ
template-treatment-for = ਤੁਹਾਡਾ ਇਲਾਜ ਕਰਨ ਵਾਲੇ ਡਾਕਟਰ ਲਈ
template-pharmacy = ਦਵਾਈਆਂ ਅਤੇ ਪਰਚੀਆਂ, 7 ਦਿਨ
template-pharmacy-for = ਦਵਾਈਆਂ ਦੀ ਦੁਕਾਨ ਲਈ
template-laboratory = ਜਾਂਚ ਦੇ ਨਤੀਜੇ ਅਤੇ ਰਿਪੋਰਟਾਂ, 7 ਦਿਨ, ਅਤੇ ਜੋੜ ਵੀ ਸਕਦੇ ਹਨ
template-laboratory-for = ਲੈਬਾਰਟਰੀ ਲਈ
template-emergency = ਸਭ ਕੁਝ, ਸਿਰਫ਼ ਐਮਰਜੈਂਸੀ ਵਿੱਚ
template-emergency-for = ਪਰਿਵਾਰ ਲਈ: ਮੰਗਣ ਤੋਂ 48 ਘੰਟੇ ਬਾਅਦ ਖੁੱਲ੍ਹਦਾ ਹੈ, ਜੇ ਤੁਸੀਂ ਨਾਂਹ ਨਾ ਕਰੋ
template-break-glass = ਸਹਿਮਤੀ ਤੋਂ ਬਿਨਾਂ ਐਮਰਜੈਂਸੀ ਪਹੁੰਚ

## Emergencies

notice-broken = { $name } ਨੇ { $when } ਨੂੰ ਤੁਹਾਡੀ ਸਹਿਮਤੀ ਤੋਂ ਬਿਨਾਂ, ਐਮਰਜੈਂਸੀ ਵਿੱਚ ਇਹ ਰਿਕਾਰਡ ਖੋਲ੍ਹੇ। ਦੱਸਿਆ ਗਿਆ ਕਾਰਨ: { $reason }
notice-asked = { $name } ਐਮਰਜੈਂਸੀ ਕਰਕੇ ਇਹ ਰਿਕਾਰਡ ਵੇਖਣਾ ਚਾਹੁੰਦੇ ਹਨ। ਤੁਸੀਂ ਨਾਂਹ ਨਾ ਕਰੋ ਤਾਂ ਇਹ { $when } ਨੂੰ ਖੁੱਲ੍ਹਣਗੇ।
notice-opened = { $name } ਨੇ ਐਮਰਜੈਂਸੀ ਕਰਕੇ ਮੰਗਿਆ ਸੀ ਅਤੇ ਹੁਣ ਇਹ ਰਿਕਾਰਡ ਵੇਖ ਸਕਦੇ ਹਨ।
notice-seen = ਮੈਂ ਇਹ ਵੇਖ ਲਿਆ
notice-refuse = ਨਾਂਹ ਕਰੋ
emergency-refused = ਤੁਸੀਂ ਨਾਂਹ ਕਰ ਦਿੱਤੀ। ਕੁਝ ਨਹੀਂ ਖੁੱਲ੍ਹੇਗਾ।
purpose-break-glass = ਸਹਿਮਤੀ ਤੋਂ ਬਿਨਾਂ ਐਮਰਜੈਂਸੀ: { $reason }

## Family

family-lead = ਇਹ ਰਿਕਾਰਡ ਕੌਣ ਰੱਖਦਾ ਹੈ, ਵਿਅਕਤੀ ਲਈ ਕੌਣ ਜ਼ਿੰਮੇਵਾਰ ਹੈ, ਅਤੇ ਕੌਣ ਮਦਦ ਕਰਦਾ ਹੈ।
family-now = ਪਰਿਵਾਰ
family-you = ਇਹ ਤੁਸੀਂ ਹੋ
family-looks = { $what } ਵੇਖਦੇ ਹਨ
family-edits = { $what } ਵੇਖਦੇ ਅਤੇ ਬਦਲਦੇ ਹਨ
family-keeps = ਰਿਕਾਰਡ ਰੱਖਦੇ ਹਨ: ਸਭ ਵੇਖਦੇ ਅਤੇ ਤੈਅ ਕਰਦੇ ਹਨ
family-guards = ਵਿਅਕਤੀ ਲਈ ਜ਼ਿੰਮੇਵਾਰ ਹਨ: ਉਮਰ ਜਿੰਨਾ ਵੇਖਣ ਦੇਵੇ, ਓਨਾ ਵੇਖਦੇ ਹਨ
family-is = ਇਹ ਉਨ੍ਹਾਂ ਦੇ ਆਪਣੇ ਰਿਕਾਰਡ ਹਨ
family-change = ਬਦਲੋ
family-end = ਇਸਨੂੰ ਖ਼ਤਮ ਕਰੋ
family-end-explained = ਉਸ ਤੋਂ ਬਾਅਦ ਇਹ ਵਿਅਕਤੀ ਇੱਥੇ ਕੁਝ ਨਹੀਂ ਵੇਖੇਗਾ, ਜਦੋਂ ਤੱਕ ਉਸਨੂੰ ਕੁਝ ਦਿੱਤਾ ਨਾ ਗਿਆ ਹੋਵੇ।
family-leave = ਛੱਡ ਦਿਓ
family-leave-explained = ਜਦੋਂ ਤੱਕ ਕੋਈ ਤੁਹਾਨੂੰ ਮੁੜ ਨਾ ਸੱਦੇ, ਤੁਸੀਂ ਇਹ ਰਿਕਾਰਡ ਨਹੀਂ ਵੇਖੋਗੇ।
family-last-keeper = ਇਨ੍ਹਾਂ ਰਿਕਾਰਡਾਂ ਤੱਕ ਹੋਰ ਕੋਈ ਨਹੀਂ ਪਹੁੰਚ ਸਕੇਗਾ। ਪਹਿਲਾਂ ਕਿਸੇ ਹੋਰ ਨੂੰ ਮਾਲਕ ਜਾਂ ਸਰਪ੍ਰਸਤ ਬਣਾਓ।
family-invite = ਕਿਸੇ ਨੂੰ ਸੱਦੋ
family-invite-lead = ਤੁਹਾਨੂੰ ਭੇਜਣ ਲਈ ਇੱਕ ਲਿੰਕ ਮਿਲੇਗਾ। ਜੋ ਉਸਨੂੰ ਖੋਲ੍ਹ ਕੇ ਸਾਈਨ ਇਨ ਕਰੇ, ਉਹ ਪਰਿਵਾਰ ਵਿੱਚ ਹੈ। ਇਹ ਇੱਕ ਵਾਰ, ਸੱਤ ਦਿਨ ਤੱਕ ਚੱਲਦਾ ਹੈ।
family-as = ਕਿਸ ਰੂਪ ਵਿੱਚ
family-as-carer = ਸੰਭਾਲ ਕਰਨ ਵਾਲਾ ਜੋ ਵੇਖੇ
family-as-editor = ਸੰਭਾਲ ਕਰਨ ਵਾਲਾ ਜੋ ਲਿਖੇ ਵੀ
family-as-guardian = ਸਰਪ੍ਰਸਤ
family-as-owner = ਮਾਲਕ, ਤੁਹਾਡੇ ਵਾਂਗ
family-as-self = ਉਹੀ ਵਿਅਕਤੀ, ਜੋ ਰਿਕਾਰਡ ਆਪਣੇ ਹੱਥ ਲਵੇ
family-too-young = ਇਹ ਵਿਅਕਤੀ ਹਾਲੇ ਛੋਟਾ ਹੈ, ਜਾਂ ਜਨਮ ਤਾਰੀਖ਼ ਪਤਾ ਨਹੀਂ। ਪਹਿਲਾਂ ਉਹ ਲਿਖੋ।
family-kinds = ਸੰਭਾਲ ਕਰਨ ਵਾਲਾ ਕੀ ਵੇਖੇ
family-kinds-all = ਜੋ ਨਿੱਜੀ ਨਹੀਂ ਹੈ ਉਹ ਸਭ
family-kinds-chosen = ਸਿਰਫ਼ ਇਹ
family-invite-go = ਲਿੰਕ ਬਣਾਓ
family-link = ਲਿੰਕ
family-link-help = ਇਸਨੂੰ ਉਸੇ ਵਿਅਕਤੀ ਨੂੰ ਭੇਜੋ ਜਿਸਨੂੰ ਤੁਸੀਂ ਚਾਹੁੰਦੇ ਹੋ, ਹੋਰ ਕਿਸੇ ਨੂੰ ਨਹੀਂ। ਇਹ ਸਿਰਫ਼ ਹੁਣੇ ਵਿਖਾਇਆ ਜਾ ਰਿਹਾ ਹੈ।
family-waiting = ਸੱਦੇ ਜੋ ਕਿਸੇ ਨੇ ਸਵੀਕਾਰ ਨਹੀਂ ਕੀਤੇ
family-withdraw = ਵਾਪਸ ਲਓ
family-handing-title = ਰਿਕਾਰਡ ਸੌਂਪੇ ਜਾਣੇ ਹਨ
family-handing = ਇੱਕ ਪ੍ਰਬੰਧਕ ਇਹ ਰਿਕਾਰਡ ਕਿਸੇ ਖਾਤੇ ਨੂੰ ਸੌਂਪਣਾ ਚਾਹੁੰਦਾ ਹੈ। { $when } ਤੋਂ ਇਹ ਕੀਤਾ ਜਾ ਸਕਦਾ ਹੈ, ਜੇ ਕੋਈ ਨਾਂਹ ਨਾ ਕਰੇ।
family-handing-refuse = ਨਾਂਹ ਕਰੋ
family-saved = ਸਾਂਭ ਲਿਆ ਗਿਆ।
family-ended = ਖ਼ਤਮ ਕਰ ਦਿੱਤਾ ਗਿਆ।
join-title = ਇੱਕ ਸੱਦਾ
join-lead = ਕਿਸੇ ਨੇ ਤੁਹਾਨੂੰ ਰਿਕਾਰਡ ਸੰਭਾਲਣ ਲਈ ਸੱਦਿਆ ਹੈ।
join-field = ਸੱਦਾ
join-field-help = ਲਿੰਕ ਦਾ ਉਹ ਹਿੱਸਾ ਜੋ # ਚਿੰਨ੍ਹ ਤੋਂ ਬਾਅਦ ਹੈ
join-look = ਵੇਖੋ ਇਹ ਕੀ ਹੈ
join-for = { $by } ਤੁਹਾਨੂੰ { $name } ਦੇ ਪਰਿਵਾਰ ਵਿੱਚ ਸੱਦਦੇ ਹਨ।
join-accept = ਮਨਜ਼ੂਰ ਕਰੋ
join-invalid = ਇਹ ਸੱਦਾ ਵਰਤਿਆ ਜਾ ਚੁੱਕਾ ਹੈ, ਸੱਤ ਦਿਨ ਤੋਂ ਪੁਰਾਣਾ ਹੈ, ਜਾਂ ਹੁਣ ਨਹੀਂ ਚੱਲਦਾ।
join-already = ਤੁਸੀਂ ਇਸ ਪਰਿਵਾਰ ਵਿੱਚ ਪਹਿਲਾਂ ਹੀ ਹੋ।
join-as-self = ਇਹ ਤੁਹਾਡੇ ਆਪਣੇ ਰਿਕਾਰਡ ਹਨ। ਹੁਣ ਤੋਂ ਇਹ ਤੁਹਾਡੇ ਹਨ, ਅਤੇ ਜੋ ਇਨ੍ਹਾਂ ਨੂੰ ਰੱਖਦੇ ਸਨ ਉਹ ਉਹੀ ਵੇਖਣਗੇ ਜੋ ਤੁਸੀਂ ਵਿਖਾਓ।
join-has-records = ਤੁਹਾਡੇ ਖਾਤੇ ਵਿੱਚ ਪਹਿਲਾਂ ਹੀ ਆਪਣੇ ਰਿਕਾਰਡ ਹਨ, ਜੋ ਪਿੱਛੇ ਰਹਿ ਜਾਣਗੇ। ਨਵੇਂ ਖਾਤੇ ਨਾਲ ਆਪਣੇ ਹੱਥ ਲਵੋ।

## My patients

patients-lead = ਉਹ ਲੋਕ ਜਿਨ੍ਹਾਂ ਨੇ ਤੁਹਾਨੂੰ ਆਪਣੇ ਰਿਕਾਰਡ ਵੇਖਣ ਦਿੱਤੇ ਹਨ, ਅਤੇ ਕਦੋਂ ਤੱਕ।
patients-none = ਹੁਣ ਕਿਸੇ ਨੇ ਤੁਹਾਨੂੰ ਆਪਣੇ ਰਿਕਾਰਡ ਵੇਖਣ ਨਹੀਂ ਦਿੱਤੇ।
patients-emergency = ਐਮਰਜੈਂਸੀ ਲਈ
patients-emergency-lead = ਕੁਝ ਹੋ ਜਾਵੇ ਤਾਂ ਇਹ ਲੋਕ ਆਪਣੇ ਰਿਕਾਰਡ ਤੁਹਾਡੇ ਉੱਤੇ ਛੱਡਦੇ ਹਨ। ਉਨ੍ਹਾਂ ਦੇ ਚੁਣੇ ਘੰਟਿਆਂ ਬਾਅਦ ਖੁੱਲ੍ਹਦਾ ਹੈ, ਜੇ ਉਹ ਨਾਂਹ ਨਾ ਕਰਨ।
patients-ask = ਮੈਨੂੰ ਹੁਣੇ ਚਾਹੀਦਾ ਹੈ
patients-asked = ਮੰਗ ਲਿਆ ਗਿਆ। { $when } ਨੂੰ ਖੁੱਲ੍ਹੇਗਾ।
patients-hours = { $count ->
    [one] ਮੰਗਣ ਤੋਂ { $count } ਘੰਟਾ ਬਾਅਦ ਖੁੱਲ੍ਹਦਾ ਹੈ
   *[other] ਮੰਗਣ ਤੋਂ { $count } ਘੰਟੇ ਬਾਅਦ ਖੁੱਲ੍ਹਦਾ ਹੈ
}
glass-heading = ਕੋਈ ਖ਼ਤਰੇ ਵਿੱਚ ਹੈ ਅਤੇ ਉਸ ਤੋਂ ਪੁੱਛਿਆ ਨਹੀਂ ਜਾ ਸਕਦਾ
glass-lead = ਤੁਸੀਂ ਕਿਸੇ ਮਰੀਜ਼ ਦੇ ਰਿਕਾਰਡ ਇੱਕ ਘੰਟੇ ਲਈ, ਪੜ੍ਹਨ ਲਈ ਖੋਲ੍ਹ ਸਕਦੇ ਹੋ। ਨਿੱਜੀ ਰਿਕਾਰਡ ਬੰਦ ਰਹਿੰਦੇ ਹਨ। ਵਿਅਕਤੀ ਨੂੰ ਤੁਹਾਡਾ ਨਾਂ ਅਤੇ ਕਾਰਨ ਦੱਸਿਆ ਜਾਂਦਾ ਹੈ, ਅਤੇ ਹਰ ਵਾਰ ਵੇਖਣਾ ਦਰਜ ਹੁੰਦਾ ਹੈ।
glass-name = ਮਰੀਜ਼ ਦਾ ਪੂਰਾ ਨਾਂ
glass-born = ਜਨਮ ਦਾ ਦਿਨ
glass-reason = ਉਡੀਕ ਕਿਉਂ ਨਹੀਂ ਹੋ ਸਕਦੀ
glass-go = ਰਿਕਾਰਡ ਖੋਲ੍ਹੋ
glass-nobody = ਇਸ ਨਾਂ ਅਤੇ ਜਨਮ ਦੇ ਦਿਨ ਦਾ ਕੋਈ ਇੱਕ ਮਰੀਜ਼ ਨਹੀਂ ਹੈ।
glass-reason-needed = ਕੁਝ ਸ਼ਬਦਾਂ ਵਿੱਚ ਕਾਰਨ ਲਿਖੋ।

## Tokens

tokens-lead = ਟੋਕਨ ਕਿਸੇ ਪ੍ਰੋਗਰਾਮ ਨੂੰ ਤੁਹਾਡੇ ਲਈ ਥੋੜ੍ਹਾ ਅਤੇ ਕੁਝ ਸਮੇਂ ਲਈ ਪੜ੍ਹਨ ਜਾਂ ਲਿਖਣ ਦਿੰਦਾ ਹੈ। ਉਹ ਤੁਹਾਡੇ ਤੋਂ ਵੱਧ ਕਦੇ ਨਹੀਂ ਕਰ ਸਕਦਾ।
tokens-none = ਤੁਹਾਡੇ ਕੋਲ ਕੋਈ ਟੋਕਨ ਨਹੀਂ ਹੈ।
tokens-make = ਟੋਕਨ ਬਣਾਓ
tokens-name = ਇਹ ਕਿਸ ਲਈ ਹੈ?
tokens-people = ਕਿਸਦੇ ਰਿਕਾਰਡ
tokens-kinds = ਕਿਹੜੀਆਂ ਕਿਸਮਾਂ
tokens-kinds-all = ਸਭ ਕਿਸਮਾਂ
tokens-may = ਉਹ ਕੀ ਕਰ ਸਕਦਾ ਹੈ
tokens-until = ਕਦੋਂ ਤੱਕ
tokens-go = ਬਣਾਓ
tokens-made = ਇਹ ਰਿਹਾ ਟੋਕਨ। ਇਹ ਸਿਰਫ਼ ਹੁਣੇ ਵਿਖਾਇਆ ਜਾ ਰਿਹਾ ਹੈ: ਇਸਨੂੰ ਆਪਣੇ ਪ੍ਰੋਗਰਾਮ ਵਿੱਚ ਪਾ ਲਓ।
tokens-revoke = ਰੱਦ ਕਰੋ
tokens-revoked = ਰੱਦ
tokens-over = ਖ਼ਤਮ
tokens-for-days = { $count ->
    [one] { $count } ਦਿਨ
   *[other] { $count } ਦਿਨ
}

## Accounts and the table of permissions

accounts-back = ਖਾਤੇ
account-roles = ਭੂਮਿਕਾਵਾਂ
account-active = ਸਾਈਨ ਇਨ ਕਰ ਸਕਦੇ ਹਨ
account-save = ਸਾਂਭੋ
account-closed = ਬੰਦ
account-sign-out = ਹਰ ਥਾਂ ਤੋਂ ਸਾਈਨ ਆਊਟ ਕਰੋ
account-unlock = ਗਲਤ ਪਾਸਵਰਡ ਭੁੱਲ ਜਾਓ
account-unlock-help = ਕਈ ਗਲਤ ਪਾਸਵਰਡਾਂ ਜਾਂ ਕੋਡਾਂ ਤੋਂ ਬਾਅਦ ਦੁਬਾਰਾ ਕੋਸ਼ਿਸ਼ ਕਰਨ ਤੋਂ ਪਹਿਲਾਂ ਉਡੀਕ ਕਰਨੀ ਪੈਂਦੀ ਹੈ। ਜੇ ਤੁਸੀਂ ਜਾਣਦੇ ਹੋ ਕਿ ਉਹ ਵਿਅਕਤੀ ਖੁਦ ਸੀ, ਤਾਂ ਉਡੀਕ ਦੀ ਲੋੜ ਨਹੀਂ।
account-take-over = ਰਿਕਾਰਡ ਇਸ ਖਾਤੇ ਨੂੰ ਸੌਂਪੋ
account-take-over-help = ਜੋ ਨੌਜਵਾਨ ਵੱਡਾ ਹੋ ਗਿਆ ਹੈ, ਉਹ ਆਪਣੇ ਲਈ ਰੱਖੇ ਰਿਕਾਰਡ ਆਪਣੇ ਹੱਥ ਲੈਂਦਾ ਹੈ। ਜੋ ਉਨ੍ਹਾਂ ਨੂੰ ਰੱਖਦਾ ਹੈ, ਉਹ ਇਹ ਪਰਿਵਾਰ ਦੇ ਪੰਨੇ ਤੇ ਕਰਦਾ ਹੈ; ਇੱਥੇ ਉਦੋਂ ਜਦੋਂ ਪਰਿਵਾਰ ਵਿੱਚ ਹੋਰ ਕੋਈ ਨਾ ਕਰ ਸਕੇ। ਪਰਿਵਾਰ ਦਾ ਕੋਈ ਜੀਅ ਉਸ ਵਿਅਕਤੀ ਦੇ ਪੰਨੇ ਦਾ ਪਤਾ ਦੱਸ ਸਕਦਾ ਹੈ।
account-take-over-person = ਵਿਅਕਤੀ ਦੇ ਪੰਨੇ ਦਾ ਪਤਾ, ਜਾਂ ਉਸਦਾ ਨੰਬਰ
account-take-over-go = ਸੌਂਪੋ
account-take-over-refused = ਅਜਿਹਾ ਕੋਈ ਵਿਅਕਤੀ ਨਹੀਂ, ਪਰਿਵਾਰ ਵਿੱਚ ਕੋਈ ਹਾਲੇ ਵੀ ਇਹ ਕਰ ਸਕਦਾ ਹੈ, ਜਾਂ ਤੁਸੀਂ ਆਪ ਪਰਿਵਾਰ ਵਿੱਚ ਹੋ।
account-take-over-full = ਇਸ ਖਾਤੇ ਵਿੱਚ ਪਹਿਲਾਂ ਹੀ ਆਪਣੇ ਰਿਕਾਰਡ ਹਨ, ਜੋ ਪਿੱਛੇ ਰਹਿ ਜਾਣਗੇ। ਨਵਾਂ ਖਾਤਾ ਲਵੋ।
account-take-over-how = ਜੋ ਵੀ ਉਸ ਵਿਅਕਤੀ ਦੇ ਪਰਿਵਾਰ ਵਿੱਚ ਹੈ ਜਾਂ ਉਸਦੀ ਮਦਦ ਕਰਦਾ ਹੈ, ਉਸਨੂੰ ਦੱਸਿਆ ਜਾਂਦਾ ਹੈ ਅਤੇ ਉਹ ਇੱਕ ਹਫ਼ਤੇ ਤੱਕ ਨਾਂਹ ਕਰ ਸਕਦਾ ਹੈ। ਇਹ ਉਦੋਂ ਹੁੰਦਾ ਹੈ ਜਦੋਂ ਕੋਈ ਹੋਰ ਪ੍ਰਬੰਧਕ, ਜਿਸਦਾ ਖਾਤਾ ਇੱਕ ਹਫ਼ਤੇ ਤੋਂ ਬਦਲਿਆ ਨਹੀਂ, ਸਹਿਮਤ ਹੋਵੇ, ਜਾਂ ਜਦੋਂ ਉਸ ਹਫ਼ਤੇ ਤੋਂ ਬਾਅਦ ਇਹ ਫਿਰ ਮੰਗਿਆ ਜਾਵੇ।
account-take-over-waits = { $name } ਨੇ { $at } ਨੂੰ ਇਹ ਮੰਗਿਆ। ਇਹ ਹੋਰ ਪ੍ਰਬੰਧਕ ਦੀ, ਜਾਂ { $until } ਤੱਕ ਉਡੀਕ ਵਿੱਚ ਹੈ; ਫਿਰ ਇਹ ਇੱਥੇ ਕੀਤਾ ਜਾ ਸਕਦਾ ਹੈ।
account-take-over-unheard = { $name } ਨੇ { $at } ਨੂੰ ਇਹ ਮੰਗਿਆ। ਪਰਿਵਾਰ ਵਿੱਚ ਕਿਸੇ ਨੂੰ ਇਸਦਾ ਪਤਾ ਨਹੀਂ ਲੱਗ ਸਕਦਾ: ਉਨ੍ਹਾਂ ਦੇ ਖਾਤੇ ਬੰਦ ਹਨ, ਅਤੇ ਉਨ੍ਹਾਂ ਨੂੰ ਕੋਈ ਚਿੱਠੀ ਨਹੀਂ ਭੇਜੀ ਜਾ ਸਕੀ। ਇਸ ਲਈ ਇਹ ਕਿਸੇ ਹੋਰ ਪ੍ਰਬੰਧਕ ਦੀ, ਜਾਂ ਮਸ਼ੀਨ ਦੀ ਦੇਖਭਾਲ ਕਰਨ ਵਾਲੇ ਦੀ ਉਡੀਕ ਵਿੱਚ ਹੈ।
account-take-over-no = { $name } ਨੇ { $at } ਨੂੰ ਇਹ ਮੰਗਿਆ, ਅਤੇ ਪਰਿਵਾਰ ਵਿੱਚ ਕਿਸੇ ਨੇ ਨਾਂਹ ਕੀਤੀ। ਹੁਣ ਇਹ ਸਿਰਫ਼ ਮਸ਼ੀਨ ਦੀ ਦੇਖਭਾਲ ਕਰਨ ਵਾਲਾ ਕਰ ਸਕਦਾ ਹੈ।
account-take-over-agree = ਸਹਿਮਤ ਹੋਵੋ, ਜਾਂ ਹੁਣੇ ਕਰੋ
account-take-over-was-refused = ਪਰਿਵਾਰ ਵਿੱਚ ਕਿਸੇ ਨੇ ਨਾਂਹ ਕੀਤੀ। ਹੁਣ ਇਹ ਸਿਰਫ਼ ਮਸ਼ੀਨ ਦੀ ਦੇਖਭਾਲ ਕਰਨ ਵਾਲਾ ਕਰ ਸਕਦਾ ਹੈ।
account-last-admin = ਘਰ ਚਲਾਉਣ ਵਾਲਾ ਕੋਈ ਨਹੀਂ ਬਚੇਗਾ। ਪਹਿਲਾਂ ਕਿਸੇ ਹੋਰ ਨੂੰ ਪ੍ਰਬੰਧਕ ਬਣਾਓ।
account-need-role = ਘੱਟੋ-ਘੱਟ ਇੱਕ ਭੂਮਿਕਾ ਚੁਣੋ।
account-new = ਖਾਤਾ ਜੋੜੋ
account-new-lead = ਵਿਅਕਤੀ ਪਹਿਲੀ ਵਾਰ ਇਸ ਪਾਸਵਰਡ ਨਾਲ ਸਾਈਨ ਇਨ ਕਰੇਗਾ।
account-saved = ਸਾਂਭ ਲਿਆ ਗਿਆ।
permissions-title = ਕੌਣ ਕੀ ਕਰ ਸਕਦਾ ਹੈ
permissions-lead = ਇਹੀ ਇੱਕ ਸਾਰਣੀ ਹੈ ਜਿਸ ਉੱਤੇ ਪ੍ਰੋਗਰਾਮ ਪਰਖਿਆ ਜਾਂਦਾ ਹੈ। ਪ੍ਰਬੰਧਕ ਹੋਣ ਨਾਲ ਕਿਸੇ ਦੇ ਰਿਕਾਰਡ ਨਹੀਂ ਖੁੱਲ੍ਹਦੇ।
permissions-what = ਕੀ
permissions-key = ਚਿੰਨ੍ਹ
permission-yes = ਕਰ ਸਕਦੇ ਹਨ
permission-no = ਨਹੀਂ ਕਰ ਸਕਦੇ
permission-unknown = ਇਹ ਵੀ ਨਹੀਂ ਜਾਣਦੇ ਕਿ ਉਹ ਵਿਅਕਤੀ ਹੈ
permission-door = ਪਹਿਲਾਂ ਸਾਈਨ ਇਨ ਕਰਨਾ ਪਵੇਗਾ
column-nobody = ਕੋਈ ਨਹੀਂ
column-self = ਖ਼ੁਦ ਵਿਅਕਤੀ
column-owner = ਮਾਲਕ
column-guardian = ਸਰਪ੍ਰਸਤ
column-carer = ਵੇਖਣ ਵਾਲੇ ਸੰਭਾਲੂ
column-editor = ਲਿਖਣ ਵਾਲੇ ਸੰਭਾਲੂ
column-granted = ਇਜਾਜ਼ਤ ਨਾਲ
column-ended = ਉਸ ਤੋਂ ਬਾਅਦ
column-stranger = ਅਜਨਬੀ
column-provider = ਡਾਕਟਰ
column-admin = ਪ੍ਰਬੰਧਕ
column-token = ਟੋਕਨ
chapter-records = ਰਿਕਾਰਡ
chapter-people = ਵਿਅਕਤੀ
chapter-consent = ਕੌਣ ਵੇਖ ਸਕਦਾ ਹੈ
chapter-family = ਪਰਿਵਾਰ
chapter-account = ਆਪਣਾ ਖਾਤਾ
chapter-house = ਘਰ
chapter-door = ਦਰਵਾਜ਼ਾ
permission-open = ਸਭ ਲਈ ਖੁੱਲ੍ਹਾ
dashboard-not-shared = ਤੁਹਾਡੇ ਨਾਲ ਸਾਂਝਾ ਨਹੀਂ: { $kinds }। ਇੱਥੇ ਨਾ ਹੋਣ ਦਾ ਮਤਲਬ ਇਹ ਨਹੀਂ ਕਿ ਅਜਿਹਾ ਕੁਝ ਹੈ ਹੀ ਨਹੀਂ।
audit-revoke = ਪਹੁੰਚ ਵਾਪਸ ਲਈ
audit-administer = ਕੌਣ ਵੇਖ ਸਕਦਾ ਹੈ, ਇਹ ਬਦਲਿਆ
audit-sent = { $host } ਨੂੰ ਕੁਝ ਭੇਜਿਆ
problem-email-taken = ਇਸ ਪਤੇ ਨਾਲ ਕੋਈ ਪਹਿਲਾਂ ਹੀ ਸਾਈਨ ਇਨ ਕਰਦਾ ਹੈ।
kinds-grant = ਇਜਾਜ਼ਤਾਂ
kinds-relation = ਪਰਿਵਾਰ
ended-title = ਪਹੁੰਚ ਖ਼ਤਮ ਹੋ ਗਈ
ended-text = ਜੋ ਤੁਸੀਂ ਵੇਖ ਰਹੇ ਸੀ ਉਹ ਹੁਣ ਤੁਹਾਡੇ ਨਾਲ ਸਾਂਝਾ ਨਹੀਂ ਹੈ।

## Links

nav-links = ਦੂਜਿਆਂ ਲਈ ਲਿੰਕ
links-lead = ਲਿੰਕ ਚੁਣੇ ਹੋਏ ਰਿਕਾਰਡ ਕਿਸੇ ਬਿਨਾਂ ਖਾਤੇ ਵਾਲੇ ਲਈ, ਕਿਸੇ ਵੀ ਬ੍ਰਾਊਜ਼ਰ ਵਿੱਚ ਖੋਲ੍ਹਦਾ ਹੈ। ਉਹ ਨਵੇਂ ਸਿਰੇ ਤੋਂ ਸੀਲ ਹੁੰਦੇ ਹਨ: ਚਾਬੀ ਸਿਰਫ਼ ਲਿੰਕ ਵਿੱਚ ਹੈ, ਇਸ ਮਸ਼ੀਨ ਉੱਤੇ ਨਹੀਂ।
links-none = ਕੋਈ ਲਿੰਕ ਨਹੀਂ ਹੈ।
links-make = ਲਿੰਕ ਬਣਾਓ
links-go = ਬਣਾਓ
links-parts = ਨਾਲ ਕੀ ਜਾਵੇ
links-parts-help = ਨਤੀਜਿਆਂ ਅਤੇ ਮਾਪਾਂ ਵਿੱਚੋਂ ਪਿਛਲੇ ਸਾਲ ਦੇ। ਜੋ ਨਿੱਜੀ ਹੈ ਉਹ ਬਾਹਰ ਰਹਿੰਦਾ ਹੈ।
links-this-record = ਜਿਸ ਰਿਕਾਰਡ ਤੋਂ ਤੁਸੀਂ ਆਏ ਹੋ ਉਹ ਨਾਲ ਜਾਵੇਗਾ।
links-one-day = 24 ਘੰਟੇ
links-once = ਇੱਕ ਵਾਰ ਲਈ
links-passcode = ਪਾਸਕੋਡ ਨਾਲ
links-passcode-field = ਪਾਸਕੋਡ (ਚਾਹੋ ਤਾਂ)
links-passcode-help = ਇਸਨੂੰ ਲਿੰਕ ਤੋਂ ਵੱਖਰੇ ਰਾਹ ਰਾਹੀਂ ਦੱਸੋ। ਕੁੱਲ ਪੰਜ ਗ਼ਲਤ ਪਾਸਕੋਡਾਂ ਤੋਂ ਬਾਅਦ ਲਿੰਕ ਬੰਦ ਹੋ ਜਾਂਦਾ ਹੈ।
links-used = ਵਰਤਿਆ ਗਿਆ
links-locked = ਬਹੁਤ ਸਾਰੇ ਗ਼ਲਤ ਪਾਸਕੋਡ
links-opened = { $count } ਵਾਰ ਖੋਲ੍ਹਿਆ ਗਿਆ, ਆਖ਼ਰੀ ਵਾਰ { $when } ਨੂੰ
links-not-opened = ਅਜੇ ਨਹੀਂ ਖੋਲ੍ਹਿਆ ਗਿਆ
links-made-help = ਇਸਨੂੰ ਉਸੇ ਵਿਅਕਤੀ ਨੂੰ ਭੇਜੋ ਜਿਸਨੂੰ ਤੁਸੀਂ ਚਾਹੁੰਦੇ ਹੋ। ਇਹ ਸਿਰਫ਼ ਹੁਣੇ ਵਿਖਾਇਆ ਜਾ ਰਿਹਾ ਹੈ।
links-need-https = ਲਿੰਕਾਂ ਲਈ ਸੁਰੱਖਿਅਤ ਕਨੈਕਸ਼ਨ (https) ਚਾਹੀਦਾ ਹੈ: ਇਸ ਉੱਤੇ ਬ੍ਰਾਊਜ਼ਰ ਕੁਝ ਨਹੀਂ ਖੋਲ੍ਹਦਾ।
links-observations = ਨਤੀਜੇ ਅਤੇ ਮਾਪ
link-title = ਤੁਹਾਡੇ ਲਈ ਸਿਹਤ ਰਿਕਾਰਡ
link-lead = ਕੋਈ ਇਸ ਲਿੰਕ ਰਾਹੀਂ ਤੁਹਾਡੇ ਨਾਲ ਸਿਹਤ ਰਿਕਾਰਡ ਸਾਂਝੇ ਕਰ ਰਿਹਾ ਹੈ।
link-open = ਰਿਕਾਰਡ ਵਿਖਾਓ
link-passcode = ਪਾਸਕੋਡ
link-gone = ਇਹ ਲਿੰਕ ਖ਼ਤਮ ਹੈ, ਵਰਤਿਆ ਜਾ ਚੁੱਕਾ ਹੈ, ਜਾਂ ਕਦੇ ਸੀ ਹੀ ਨਹੀਂ। ਭੇਜਣ ਵਾਲੇ ਤੋਂ ਨਵਾਂ ਮੰਗੋ।
link-wrong-passcode = ਇਹ ਪਾਸਕੋਡ ਸਹੀ ਨਹੀਂ ਹੈ। ਕੁੱਲ ਪੰਜ ਗ਼ਲਤ ਪਾਸਕੋਡਾਂ ਤੋਂ ਬਾਅਦ ਲਿੰਕ ਬੰਦ ਹੋ ਜਾਂਦਾ ਹੈ।
link-broken = ਰਿਕਾਰਡ ਨਹੀਂ ਖੁੱਲ੍ਹ ਸਕੇ। ਕੀ ਲਿੰਕ ਪੂਰਾ ਹੈ?
link-print = ਛਾਪੋ
link-needs-script = ਇਹ ਪੰਨਾ ਰਿਕਾਰਡ ਤੁਹਾਡੇ ਬ੍ਰਾਊਜ਼ਰ ਵਿੱਚ ਖੋਲ੍ਹਦਾ ਹੈ ਅਤੇ ਇਸ ਲਈ JavaScript ਚਾਹੀਦੀ ਹੈ।
person-plugins = ਪਲੱਗਇਨ
person-plugins-lead = ਪਲੱਗਇਨ ਉਹੀ ਪੜ੍ਹਦਾ ਹੈ ਜੋ ਤੁਸੀਂ ਪੜ੍ਹਨ ਦਿੰਦੇ ਹੋ, ਅਤੇ ਉਦੋਂ ਤੱਕ ਹੀ ਜਦੋਂ ਤੱਕ ਤੁਸੀਂ ਦਿੰਦੇ ਹੋ। ਇਹ ਜੋ ਸੁਝਾਉਂਦਾ ਹੈ, ਕਿਸੇ ਦੇ ਜਾਂ ਤੁਹਾਡੇ ਬਣਾਏ ਨਿਯਮ ਦੇ ਸਵੀਕਾਰ ਕਰਨ 'ਤੇ ਹੀ ਰਿਕਾਰਡ ਬਣਦਾ ਹੈ। ਤੁਸੀਂ ਜੋ ਦਿੰਦੇ ਹੋ ਉਹ "ਕੌਣ ਵੇਖ ਸਕਦਾ ਹੈ" ਵਿੱਚ ਲਿਖਿਆ ਰਹਿੰਦਾ ਹੈ, ਅਤੇ ਉੱਥੋਂ ਹੀ ਵਾਪਸ ਲਿਆ ਜਾਂਦਾ ਹੈ।
person-plugins-none = ਕੋਈ ਵੀ ਚਾਲੂ ਪਲੱਗਇਨ ਤੁਹਾਡਾ ਕੁਝ ਨਹੀਂ ਮੰਗਦਾ।
person-plugins-kinds = ਇਹ ਕਿਨ੍ਹਾਂ ਨਾਲ ਕੰਮ ਕਰ ਸਕਦਾ ਹੈ
person-plugins-send = ਇਹ ਜੋ ਪੜ੍ਹਦਾ ਹੈ ਉਸ ਨੂੰ { $host } ਨੂੰ ਭੇਜ ਸਕਦਾ ਹੈ
