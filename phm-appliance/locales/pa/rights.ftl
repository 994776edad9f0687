### ਵਿਅਕਤੀ ਘਰ ਤੋਂ ਕੀ ਮੰਗ ਸਕਦਾ ਹੈ: ਰੋਕ, ਚੇਤਾਵਨੀ, ਘਟਨਾ, ਰੱਖਣ ਦੀ ਮਿਆਦ।

## Restriction

nav-restrictions = ਵਰਤੋਂ ਉੱਤੇ ਰੋਕ
restrict-lead = ਜਿਸ ਉੱਤੇ ਰੋਕ ਹੈ ਉਹ ਜਿਵੇਂ ਹੈ ਤਿਵੇਂ ਰੱਖਿਆ ਜਾਂਦਾ ਹੈ, ਅਤੇ ਤੁਹਾਡੇ ਅਤੇ ਇਸ ਵਿਅਕਤੀ ਲਈ ਜ਼ਿੰਮੇਵਾਰ ਲੋਕਾਂ ਤੋਂ ਸਿਵਾ ਕੋਈ ਉਸ ਨੂੰ ਨਹੀਂ ਵਰਤਦਾ: ਨਾ ਡਾਕਟਰ, ਨਾ ਸੰਭਾਲ ਕਰਨ ਵਾਲਾ, ਨਾ ਪ੍ਰੋਗਰਾਮ, ਨਾ ਪਲੱਗਇਨ, ਨਾ ਲਿੰਕ, ਭਾਵੇਂ ਕੁਝ ਵੀ ਦਿੱਤਾ ਗਿਆ ਹੋਵੇ, ਜਦ ਤੱਕ ਤੁਸੀਂ ਰੋਕ ਨਾ ਹਟਾਓ।
restrict-none = ਕਿਸੇ ਚੀਜ਼ ਉੱਤੇ ਰੋਕ ਨਹੀਂ ਹੈ।
restrict-all = ਸਭ ਕੁਝ
restrict-gone = ਇੱਕ ਰਿਕਾਰਡ ਜੋ ਹੁਣ ਨਹੀਂ ਹੈ
restrict-since = { $when } ਤੋਂ
restrict-by = { $name } ਵੱਲੋਂ
restrict-more =
    { $count ->
        [one] ਅਤੇ ਇੱਕ ਹੋਰ
       *[other] ਅਤੇ { $count } ਹੋਰ
    }
restrict-emergency = ਐਮਰਜੈਂਸੀ ਵਿੱਚ ਮਦਦ ਕਰਨ ਵਾਲਾ ਵੀ ਉਹ ਨਹੀਂ ਦੇਖਦਾ ਜਿਸ ਉੱਤੇ ਰੋਕ ਹੈ।
restrict-everything = ਸਭ ਉੱਤੇ ਰੋਕ ਲਾਓ
restrict-everything-help = ਇਸ ਵਿਅਕਤੀ ਬਾਰੇ ਸਭ ਕੁਝ, ਬਾਅਦ ਵਿੱਚ ਜੋੜਿਆ ਵੀ। ਫਿਰ ਹੋਰ ਲੋਕ ਨਾ ਕੁਝ ਦੇਖਦੇ ਹਨ, ਨਾ ਕੁਝ ਜੋੜਦੇ ਹਨ, ਅਤੇ ਕਿਸੇ ਨੂੰ ਖੁਰਾਕ ਜਾਂ ਮੁਲਾਕਾਤ ਯਾਦ ਨਹੀਂ ਕਰਵਾਈ ਜਾਂਦੀ।
restrict-reason = ਕਿਉਂ (ਜੇ ਚਾਹੋ)
restrict-go = ਰੋਕ ਲਾਓ
restrict-lift = ਰੋਕ ਹਟਾਓ
restrict-done = ਰੋਕ ਲੱਗ ਗਈ। ਜੋ ਹੋਰਾਂ ਲਈ ਖੁੱਲ੍ਹਾ ਸੀ ਉਹ ਬੰਦ ਹੈ।
restrict-lifted = ਰੋਕ ਹਟ ਗਈ। ਜੋ ਦਿੱਤਾ ਗਿਆ ਸੀ ਉਹ ਫਿਰ ਖੁੱਲ੍ਹਾ ਹੈ।
restrict-notice-all = ਵਰਤੋਂ ਉੱਤੇ ਰੋਕ ਹੈ: ਇਸ ਵਿਅਕਤੀ ਬਾਰੇ ਸਭ ਕੁਝ ਰੱਖਿਆ ਜਾਂਦਾ ਹੈ ਅਤੇ ਕੋਈ ਹੋਰ ਨਹੀਂ ਵਰਤਦਾ।
restrict-notice-record = ਵਰਤੋਂ ਉੱਤੇ ਰੋਕ ਹੈ: ਇਹ ਰਿਕਾਰਡ ਰੱਖਿਆ ਜਾਂਦਾ ਹੈ ਅਤੇ ਕੋਈ ਹੋਰ ਨਹੀਂ ਵਰਤਦਾ।
restrict-mark = ਰੋਕ
restrict-this = ਵਰਤੋਂ ਉੱਤੇ ਰੋਕ
restrict-this-help = ਰਿਕਾਰਡ ਰੱਖਿਆ ਜਾਂਦਾ ਹੈ, ਅਤੇ ਜਦ ਤੱਕ ਤੁਸੀਂ ਰੋਕ ਨਾ ਹਟਾਓ ਕੋਈ ਹੋਰ ਉਸ ਨੂੰ ਨਹੀਂ ਵਰਤਦਾ। ਉਦੋਂ ਤੱਕ ਉਸ ਬਾਰੇ ਕਿਸੇ ਨੂੰ ਯਾਦ ਨਹੀਂ ਕਰਵਾਇਆ ਜਾਂਦਾ, ਤੁਹਾਨੂੰ ਵੀ ਨਹੀਂ।
kinds-restriction = ਰੋਕਾਂ

## Alerts

alert-volume = { $name } ਨੇ ਇੱਕ ਘੰਟੇ ਵਿੱਚ { $count } ਰਿਕਾਰਡ ਖੋਲ੍ਹੇ ({ $when })। ਜੇ ਇਹ ਠੀਕ ਨਹੀਂ ਸੀ, ਤਾਂ ਪਹੁੰਚ ਵਾਪਸ ਲਓ, ਜਾਂ ਆਪਣੇ ਹੋਰ ਯੰਤਰਾਂ ਤੋਂ ਸਾਈਨ ਆਊਟ ਕਰੋ।
alert-hour = { $name } ਨੇ ਅਸਾਧਾਰਨ ਸਮੇਂ ਰਿਕਾਰਡ ਦੇਖੇ ({ $when })।
alert-refusals = { $name } ਨੂੰ ਦਸ ਮਿੰਟ ਵਿੱਚ { $count } ਵਾਰ ਨਾਂਹ ਕੀਤੀ ਗਈ ({ $when })।
alert-hand-over = { $name } ਨੇ ਕਿਸੇ ਦੇ ਰਿਕਾਰਡ ਇੱਕ ਖਾਤੇ ਨੂੰ ਸੌਂਪਣ ਲਈ ਕਿਹਾ ({ $when })।
alert-reset-link = { $name } ਨੇ ਇੱਕ ਲਿੰਕ ਬਣਾਇਆ ਜਿਸ ਨਾਲ ਇੱਥੇ ਦੇ ਇੱਕ ਖਾਤੇ ਦਾ ਪਾਸਵਰਡ ਨਵਾਂ ਰੱਖਿਆ ਜਾਂਦਾ ਹੈ ({ $when })। ਜਿਸ ਕੋਲ ਲਿੰਕ ਹੈ, ਉਹ ਉਸ ਖਾਤੇ ਨਾਲ ਸਾਈਨ ਇਨ ਕਰ ਸਕਦਾ ਹੈ।
alert-let-in = { $name } ਨੇ ਇੱਕ ਖਾਤੇ ਨੂੰ ਕਿਸੇ ਦੇ ਪਰਿਵਾਰ ਵਿੱਚ ਸ਼ਾਮਲ ਕੀਤਾ, ਜਿਨ੍ਹਾਂ ਦੇ ਰਿਕਾਰਡ ਇੱਥੇ ਰੱਖੇ ਹਨ ({ $when })। ਕਿਸ ਨੂੰ, ਇਹ ਪਰਿਵਾਰ ਦੇ ਪੰਨੇ ਉੱਤੇ ਲਿਖਿਆ ਹੈ; ਉੱਥੇ ਹੀ ਇਹ ਖ਼ਤਮ ਵੀ ਕੀਤਾ ਜਾਂਦਾ ਹੈ।
alert-somebody = ਕਿਸੇ
alert-door = ਦਰਵਾਜ਼ੇ ਉੱਤੇ ਕੋਈ
alerts-title = ਅਸਾਧਾਰਨ ਪਹੁੰਚ
alerts-lead = ਕਿਸਨੇ ਬਹੁਤ ਸਾਰੇ ਰਿਕਾਰਡ ਖੋਲ੍ਹੇ, ਰਾਤ ਨੂੰ ਦੇਖਿਆ, ਜਾਂ ਕਿਸਨੂੰ ਕਈ ਵਾਰ ਨਾਂਹ ਹੋਈ। ਰਿਕਾਰਡ ਕਿਸਦੇ ਸਨ, ਇਹ ਉਨ੍ਹਾਂ ਲੋਕਾਂ ਦੇ ਸਫ਼ਿਆਂ ਉੱਤੇ ਹੈ; ਉਨ੍ਹਾਂ ਨੂੰ ਦੱਸਿਆ ਗਿਆ।
alerts-none = ਕੁਝ ਅਸਾਧਾਰਨ ਨਹੀਂ ਹੋਇਆ।
alerts-recent = ਪਿਛਲੇ ਸੱਤ ਦਿਨਾਂ ਵਿੱਚ ਪਹੁੰਚ ਅਸਾਧਾਰਨ ਸੀ।
mail-unusual-subject = ਰਿਕਾਰਡਾਂ ਤੱਕ ਅਸਾਧਾਰਨ ਪਹੁੰਚ
mail-unusual-text = ਤੁਹਾਡੇ ਘਰ ਵਿੱਚ ਸਿਹਤ ਰਿਕਾਰਡਾਂ ਤੱਕ ਪਹੁੰਚ ਅਸਾਧਾਰਨ ਸੀ: ਬਹੁਤ ਸਾਰੇ ਰਿਕਾਰਡ, ਰਾਤ ਨੂੰ, ਜਾਂ ਕਈ ਵਾਰ ਨਾਂਹ। ਕੌਣ ਸੀ ਅਤੇ ਕਿੰਨਾ, ਇਹ ਸਾਈਨ ਇਨ ਕਰਨ ਤੋਂ ਬਾਅਦ ਇੱਥੇ ਲਿਖਿਆ ਹੈ:
mail-unusual-end = ਜੇ ਇਹ ਠੀਕ ਨਹੀਂ ਸੀ, ਤਾਂ ਪਹੁੰਚ ਵਾਪਸ ਲਓ ਅਤੇ ਮਸ਼ੀਨ ਦੀ ਦੇਖਭਾਲ ਕਰਨ ਵਾਲੇ ਨੂੰ ਦੱਸੋ।

## Incidents

incident-title = ਕੀ ਹੋਇਆ: ਰਿਪੋਰਟ
incident-lead = ਉਲੰਘਣਾ ਦੀ ਰਿਪੋਰਟ ਨੂੰ ਜੋ ਚਾਹੀਦਾ ਹੈ: ਕਿਸਨੇ ਕਦੋਂ ਕੀ ਕੀਤਾ, ਕਿੰਨੇ ਲੋਕਾਂ ਨਾਲ, ਕਿਸ ਕਿਸਮ ਦੇ ਰਿਕਾਰਡਾਂ ਨਾਲ, ਅਤੇ ਕਿਹੜੇ ਸੈਸ਼ਨਾਂ, ਟੋਕਨਾਂ ਅਤੇ ਇਜਾਜ਼ਤਾਂ ਨਾਲ। ਇਸ ਵਿੱਚ ਕਿਸੇ ਰਿਕਾਰਡ ਦਾ ਕੁਝ ਨਹੀਂ, ਅਤੇ ਲੋਕਾਂ ਵਿੱਚੋਂ ਸਿਰਫ਼ ਖਾਤੇ ਵਾਲਿਆਂ ਦੇ ਨਾਂ ਹਨ।
incident-from = ਕਦੋਂ ਤੋਂ
incident-to = ਕਦੋਂ ਤੱਕ, ਉਹ ਦਿਨ ਵੀ
incident-account = ਕਿਸਨੇ ਕੀਤਾ
incident-everybody = ਸਭ ਨੇ
incident-go = ਦਿਖਾਓ
incident-wrong = ਦਿਨ ਠੀਕ ਨਹੀਂ: ਆਖ਼ਰੀ ਦਿਨ ਪਹਿਲੇ ਤੋਂ ਪਹਿਲਾਂ ਨਹੀਂ ਹੋ ਸਕਦਾ, ਅਤੇ ਰਿਪੋਰਟ ਵੱਧ ਤੋਂ ਵੱਧ ਇੱਕ ਸਾਲ ਦੀ ਹੁੰਦੀ ਹੈ।
incident-report = ਰਿਪੋਰਟ
incident-span = { $from } ਤੋਂ { $to } ਤੱਕ
incident-made = { $when } ਨੂੰ ਬਣੀ
incident-people = { $count } ਲੋਕਾਂ ਦੇ ਰਿਕਾਰਡ ਛੂਹੇ ਗਏ।
incident-more = ਜੋ ਹੋਇਆ ਉਸ ਦੀਆਂ ਸਾਰੀਆਂ ਲਾਈਨਾਂ ਇੱਥੇ ਨਹੀਂ। ਗਿਣਤੀਆਂ ਸਭ ਦੀਆਂ ਹਨ; ਫ਼ਾਈਲ ਵਿੱਚ ਹੋਰ ਹੈ।
incident-unreadable = ਲੌਗ ਦੀਆਂ { $count } ਕਤਾਰਾਂ ਪੜ੍ਹੀਆਂ ਨਹੀਂ ਜਾ ਸਕੀਆਂ: phm verify ਚਲਾਓ।
incident-file = JSON ਵਜੋਂ ਡਾਊਨਲੋਡ ਕਰੋ
incident-records = ਰਿਕਾਰਡ ਕਿੰਨੀ ਵਾਰ ਛੂਹੇ ਗਏ
incident-actors = ਕੌਣ
incident-events = ਕੀ ਹੋਇਆ, ਘੰਟੇ ਅਨੁਸਾਰ
incident-sessions = ਸਾਈਨ ਇਨ ਕੀਤੇ ਯੰਤਰ
incident-tokens = ਟੋਕਨ
incident-grants = ਉਨ੍ਹਾਂ ਨੂੰ ਕੀ ਦਿੱਤਾ ਗਿਆ
incident-kind-unknown = ਹੁਣ ਪਤਾ ਨਹੀਂ
incident-kind-plugin = ਪਲੱਗਇਨ ਦਾ ਕੰਮ, ਕਿਸੇ ਵਿਅਕਤੀ ਬਾਰੇ ਨਹੀਂ
incident-column-who = ਕੌਣ
incident-column-email = ਈ-ਮੇਲ
incident-column-first = ਪਹਿਲੀ ਵਾਰ
incident-column-last = ਆਖ਼ਰੀ ਵਾਰ
incident-column-people = ਲੋਕ
incident-column-records = ਰਿਕਾਰਡ
incident-column-refused = ਨਾਂਹ
incident-column-hour = ਘੰਟਾ
incident-column-action = ਕੀ
incident-column-outcome = ਨਤੀਜਾ
incident-column-kind = ਕਿਸਮ
incident-column-count = ਕਿੰਨੇ
incident-column-device = ਯੰਤਰ
incident-column-since = ਕਦੋਂ ਤੋਂ
incident-column-token = ਟੋਕਨ
incident-column-until = ਕਦੋਂ ਤੱਕ
incident-column-state = ਹਾਲਤ
incident-column-template = ਨਮੂਨਾ
incident-column-revoked = ਵਾਪਸ ਲਿਆ
incident-action-read = ਦੇਖਿਆ
incident-action-add = ਜੋੜਿਆ
incident-action-amend = ਬਦਲਿਆ
incident-action-remove = ਹਟਾਇਆ
incident-action-restore = ਵਾਪਸ ਲਿਆਂਦਾ
incident-action-share = ਪਹੁੰਚ ਦਿੱਤੀ
incident-action-revoke = ਪਹੁੰਚ ਵਾਪਸ ਲਈ
incident-action-export = ਬਾਹਰ ਲੈ ਗਿਆ
incident-action-import = ਆਯਾਤ ਕੀਤਾ
incident-action-undo = ਆਯਾਤ ਵਾਪਸ ਲਿਆ
incident-action-erase = ਮਿਟਾਇਆ
incident-action-rectify = ਰਿਕਾਰਡ ਵਿੱਚ ਲਿਖਿਆ ਨਸ਼ਟ ਕੀਤਾ
incident-action-purge = ਸਮਾਂ ਪੂਰਾ ਹੋਣ ਤੇ ਮਿਟਾਇਆ
incident-action-sign-in = ਸਾਈਨ ਇਨ ਕੀਤਾ
incident-action-sign-out = ਸਾਈਨ ਆਊਟ ਕੀਤਾ
incident-action-administer = ਪ੍ਰਬੰਧ ਕੀਤਾ
incident-action-back-up = ਬੈਕਅੱਪ ਲਿਆ
incident-action-unlock = ਤਾਲਾ ਖੋਲ੍ਹਿਆ
incident-action-begin-log = ਲੌਗ ਸ਼ੁਰੂ ਕੀਤਾ
incident-outcome-allowed = ਹੋਇਆ
incident-outcome-refused = ਨਾਂਹ
incident-outcome-failed = ਅਸਫਲ

## Retention

nav-retention = ਰਿਕਾਰਡ ਕਦੋਂ ਤੱਕ ਰੱਖੇ ਜਾਂਦੇ ਹਨ
retention-lead = ਜਦ ਤੱਕ ਕੋਈ ਨਿਯਮ ਕੁਝ ਹੋਰ ਨਾ ਕਹੇ, ਰਿਕਾਰਡ ਹਮੇਸ਼ਾ ਰੱਖੇ ਜਾਂਦੇ ਹਨ। ਨਿਯਮ ਜੋ ਨਸ਼ਟ ਕਰਦਾ ਹੈ ਉਹ ਸਾਰੇ ਸੰਸਕਰਨਾਂ ਸਮੇਤ ਹਮੇਸ਼ਾ ਲਈ ਚਲਾ ਜਾਂਦਾ ਹੈ, ਅਤੇ “ਕਿਸਨੇ ਦੇਖਿਆ” ਵਿੱਚ ਲਿਖਿਆ ਰਹਿੰਦਾ ਹੈ।
retention-none = ਕੋਈ ਨਿਯਮ ਨਹੀਂ ਹੈ: ਸਭ ਕੁਝ ਰੱਖਿਆ ਜਾਂਦਾ ਹੈ।
retention-rule = { $what }: { $span } ਤੱਕ ਰੱਖੇ ਜਾਂਦੇ ਹਨ
retention-years = { $count ->
    [one] { $count } ਸਾਲ
   *[other] { $count } ਸਾਲ
}
retention-days = { $count ->
    [one] { $count } ਦਿਨ
   *[other] { $count } ਦਿਨ
}
retention-from = { $when } ਤੋਂ ਪਹਿਲਾਂ ਕੁਝ ਨਸ਼ਟ ਨਹੀਂ ਕਰਦਾ
retention-since = { $when } ਤੋਂ ਲਾਗੂ
retention-due = { $count ->
    [one] ਹੁਣ { $count } ਰਿਕਾਰਡ ਜਾਵੇਗਾ
   *[other] ਹੁਣ { $count } ਰਿਕਾਰਡ ਜਾਣਗੇ
}
retention-between = { $from } ਤੋਂ { $to } ਤੱਕ ਦੇ
retention-kept = { $count ->
    [one] { $count } ਇੰਨਾ ਪੁਰਾਣਾ ਨਹੀਂ
   *[other] { $count } ਇੰਨੇ ਪੁਰਾਣੇ ਨਹੀਂ
}
retention-restricted = { $count ->
    [one] { $count } ਉੱਤੇ ਰੋਕ ਹੈ ਅਤੇ ਉਹ ਰਹੇਗਾ
   *[other] { $count } ਉੱਤੇ ਰੋਕ ਹੈ ਅਤੇ ਉਹ ਰਹਿਣਗੇ
}
retention-going-on = { $count ->
    [one] { $count } ਜਾਰੀ ਹੈ ਅਤੇ ਰਹੇਗਾ
   *[other] { $count } ਜਾਰੀ ਹਨ ਅਤੇ ਰਹਿਣਗੇ
}
retention-on = ਲਾਗੂ
retention-soon = ਹਾਲੇ ਨਹੀਂ
retention-end = ਇਹ ਨਿਯਮ ਖ਼ਤਮ ਕਰੋ
retention-what-stays = ਸਮਾਂ ਉਦੋਂ ਤੋਂ ਗਿਣਿਆ ਜਾਂਦਾ ਹੈ ਜਦੋਂ ਕੁਝ ਹੋਇਆ ਜਾਂ ਆਖ਼ਰੀ ਵਾਰ ਬਦਲਿਆ ਗਿਆ, ਜੋ ਵੀ ਬਾਅਦ ਵਿੱਚ ਹੋਵੇ। ਜਿਸ ਉੱਤੇ ਰੋਕ ਹੈ ਉਹ ਰਹਿੰਦਾ ਹੈ, ਅਤੇ ਜੋ ਜਾਰੀ ਹੈ ਉਹ ਵੀ, ਜਿਵੇਂ ਲਈ ਜਾ ਰਹੀ ਦਵਾਈ। ਪਹਿਲਾਂ ਦੇ ਬੈਕਅੱਪਾਂ ਵਿੱਚ ਉਹ ਉਦੋਂ ਤੱਕ ਰਹਿੰਦਾ ਹੈ ਜਦੋਂ ਤੱਕ ਉਹ ਮਿਟਾਏ ਨਾ ਜਾਣ।
retention-preview = ਇਹ ਕੀ ਨਸ਼ਟ ਕਰੇਗਾ
retention-confirm = ਅਗਲੇ ਸੱਤ ਦਿਨ ਕੁਝ ਨਹੀਂ ਜਾਵੇਗਾ; ਉਦੋਂ ਤੱਕ ਨਿਯਮ ਖ਼ਤਮ ਕੀਤਾ ਜਾ ਸਕਦਾ ਹੈ। ਉਸ ਤੋਂ ਬਾਅਦ ਜੋ ਇੰਨਾ ਪੁਰਾਣਾ ਹੈ ਉਹ ਆਪਣੇ ਆਪ, ਹਮੇਸ਼ਾ ਲਈ ਜਾਵੇਗਾ।
retention-go = ਇਹ ਨਿਯਮ ਬਣਾਓ
retention-make = ਨਿਯਮ ਬਣਾਓ
retention-kind = ਕਿਹੜੇ ਰਿਕਾਰਡ
retention-for-years = ਕਿੰਨੇ ਸਾਲ ਰੱਖੇ ਜਾਣ
retention-look = ਦੇਖੋ ਕੀ ਨਸ਼ਟ ਹੋਵੇਗਾ
retention-made = ਨਿਯਮ ਬਣ ਗਿਆ। ਅਗਲੇ ਸੱਤ ਦਿਨ ਕੁਝ ਨਹੀਂ ਜਾਵੇਗਾ।
retention-ended = ਨਿਯਮ ਖ਼ਤਮ ਹੋਇਆ। ਇਹ ਰਿਕਾਰਡ ਰੱਖੇ ਜਾਂਦੇ ਹਨ।
retention-wrong = ਰਿਕਾਰਡ ਦੀ ਕਿਸਮ ਚੁਣੋ, ਅਤੇ 1 ਤੋਂ 100 ਦੇ ਵਿਚਕਾਰ ਸਾਲ।
audit-purge = ਸਮਾਂ ਪੂਰਾ ਹੋਣ ਤੇ ਨਸ਼ਟ ਕੀਤੇ: { $records }
purpose-retention = ਰਿਕਾਰਡ ਕਦੋਂ ਤੱਕ ਰੱਖੇ ਜਾਣ, ਇਸ ਦਾ ਨਿਯਮ
mail-retention-subject = ਰਿਕਾਰਡ ਕਦੋਂ ਤੱਕ ਰੱਖੇ ਜਾਣ, ਇਹ ਬਦਲ ਗਿਆ
mail-retention-text = ਇੱਕ ਨਿਯਮ ਬਣਾਇਆ ਜਾਂ ਬਦਲਿਆ ਗਿਆ ਹੈ ਕਿ ਤੁਹਾਡੇ ਸੰਭਾਲੇ ਰਿਕਾਰਡ ਕਦੋਂ ਤੱਕ ਰੱਖੇ ਜਾਣ। ਉਸ ਤੋਂ ਪੁਰਾਣੇ ਰਿਕਾਰਡ ਨਸ਼ਟ ਹੋਣਗੇ, ਸਭ ਤੋਂ ਪਹਿਲਾਂ ਇੱਕ ਹਫ਼ਤੇ ਬਾਅਦ। ਨਿਯਮ ਕਿਸਨੇ ਬਣਾਇਆ, ਇਹ ਸਾਈਨ ਇਨ ਕਰਨ ਤੋਂ ਬਾਅਦ “ਕਿਸਨੇ ਦੇਖਿਆ” ਵਿੱਚ ਲਿਖਿਆ ਹੈ:
mail-retention-end = ਜੇ ਇਹ ਠੀਕ ਨਹੀਂ, ਤਾਂ ਹਫ਼ਤੇ ਦੇ ਅੰਦਰ ਨਿਯਮ ਖ਼ਤਮ ਕਰੋ।
mail-purged-subject = ਸਮਾਂ ਪੂਰਾ ਹੋਣ ਤੇ ਰਿਕਾਰਡ ਨਸ਼ਟ ਕੀਤੇ ਗਏ
mail-purged-text = ਉਨ੍ਹਾਂ ਲਈ ਬਣਾਏ ਨਿਯਮ ਨਾਲ, ਤੁਹਾਡੇ ਸੰਭਾਲੇ ਰਿਕਾਰਡ ਸਮਾਂ ਪੂਰਾ ਹੋਣ ਤੇ ਨਸ਼ਟ ਕੀਤੇ ਗਏ। ਕਿੰਨੇ, ਇਹ ਸਾਈਨ ਇਨ ਕਰਨ ਤੋਂ ਬਾਅਦ “ਕਿਸਨੇ ਦੇਖਿਆ” ਵਿੱਚ ਲਿਖਿਆ ਹੈ:
mail-purged-end = ਜੇ ਇਹ ਠੀਕ ਨਹੀਂ ਸੀ, ਤਾਂ ਨਿਯਮ ਖ਼ਤਮ ਕਰੋ। ਪਹਿਲਾਂ ਦੇ ਕਿਸੇ ਬੈਕਅੱਪ ਵਿੱਚ ਉਹ ਹਾਲੇ ਵੀ ਹੋ ਸਕਦੇ ਹਨ।
audit-restrict = ਰਿਕਾਰਡਾਂ ਦੀ ਵਰਤੋਂ ਉੱਤੇ ਰੋਕ ਲਾਈ
audit-lift = ਰੋਕ ਹਟਾਈ
audit-retention = ਰਿਕਾਰਡ ਕਦੋਂ ਤੱਕ ਰੱਖੇ ਜਾਣ, ਇਹ ਬਦਲਿਆ
kinds-retention = ਰਿਕਾਰਡ ਰੱਖਣ ਦੇ ਨਿਯਮ

nav-house-retention = ਇਸ ਘਰ ਵਿੱਚ ਰਿਕਾਰਡ ਕਦੋਂ ਤੱਕ ਰੱਖੇ ਜਾਂਦੇ ਹਨ
house-retention-lead = ਤੁਸੀਂ ਸੁਝਾਉਂਦੇ ਹੋ ਕਿ ਕਿਸੇ ਕਿਸਮ ਦੇ ਰਿਕਾਰਡ ਕਦੋਂ ਤੱਕ ਰੱਖੇ ਜਾਣ; ਗਿਣਤੀਆਂ ਸਾਰੇ ਲੋਕਾਂ ਦੀਆਂ ਮਿਲਾ ਕੇ ਹਨ।
house-retention-is-asked = ਜਦੋਂ ਤੱਕ ਕੋਈ ਸਹਿਮਤ ਨਾ ਹੋਵੇ, ਉਸਦਾ ਕੋਈ ਰਿਕਾਰਡ ਨਸ਼ਟ ਨਹੀਂ ਕੀਤਾ ਜਾਂਦਾ।
house-retention-is-enforced = ਸੈਟਿੰਗ “retention.enforce” ਚਾਲੂ ਹੈ: ਜੋ ਕੁਝ ਨਹੀਂ ਕਹਿੰਦੇ, ਉਹਨਾਂ ਲਈ ਦੱਸੇ ਜਾਣ ਤੋਂ ਇੱਕ ਹਫ਼ਤੇ ਬਾਅਦ ਇਹ ਲਾਗੂ ਹੁੰਦਾ ਹੈ।
house-retention-none = ਘਰ ਕੁਝ ਨਹੀਂ ਸੁਝਾਉਂਦਾ: ਜਦੋਂ ਤੱਕ ਕਿਸੇ ਦਾ ਆਪਣਾ ਨਿਯਮ ਕੁਝ ਹੋਰ ਨਾ ਕਹੇ, ਸਭ ਕੁਝ ਰੱਖਿਆ ਜਾਂਦਾ ਹੈ।
house-retention-what-stays = ਵਿਅਕਤੀ ਦਾ ਆਪਣਾ ਨਿਯਮ ਅਤੇ ਜਿਸ ਉੱਤੇ ਰੋਕ ਹੈ, ਉਹ ਘਰ ਦੇ ਸੁਝਾਅ ਤੋਂ ਉੱਪਰ ਹਨ, ਅਤੇ ਜਿਸ ਲਈ ਅਜਿਹਾ ਕੋਈ ਨਹੀਂ ਜਿਸਨੂੰ ਦੱਸਿਆ ਜਾ ਸਕੇ, ਉਸਦਾ ਸਭ ਕੁਝ ਰੱਖਿਆ ਜਾਂਦਾ ਹੈ।
house-retention-make = ਸੁਝਾਅ ਦਿਓ
house-retention-confirm = ਜਿਹਨਾਂ ਬਾਰੇ ਹੈ, ਉਹਨਾਂ ਨੂੰ ਚਿੱਠੀ ਨਾਲ ਅਤੇ ਉਹਨਾਂ ਦੇ ਪੰਨਿਆਂ ਉੱਤੇ ਦੱਸਿਆ ਜਾਂਦਾ ਹੈ। ਜਿਸ ਨਾਲ ਕੋਈ ਸਹਿਮਤ ਹੋਇਆ ਉਹ ਉਹਨਾਂ ਦਾ ਆਪਣਾ ਨਿਯਮ ਹੈ, ਅਤੇ ਇਸਦੇ ਖ਼ਤਮ ਹੋਣ ਉੱਤੇ ਵੀ ਰਹਿੰਦਾ ਹੈ।
house-retention-go = ਸਭ ਨੂੰ ਸੁਝਾਓ
house-retention-by = { $name } ਨੇ ਸੁਝਾਇਆ, { $when }
house-retention-people = { $count ->
    [one] { $count } ਵਿਅਕਤੀ ਦੇ
   *[other] { $count } ਲੋਕਾਂ ਦੇ
}
house-retention-own = { $count ->
    [one] { $count } ਵਿਅਕਤੀ ਦਾ ਆਪਣਾ ਨਿਯਮ ਹੈ
   *[other] { $count } ਲੋਕਾਂ ਦਾ ਆਪਣਾ ਨਿਯਮ ਹੈ
}
house-retention-proposed = ਸੁਝਾਇਆ ਗਿਆ
house-retention-enforced = ਲਾਗੂ ਹੁੰਦਾ ਹੈ
house-retention-open = ਜਵਾਬ ਨਹੀਂ ਦਿੱਤਾ
house-retention-made = ਸੁਝਾਅ ਦੇ ਦਿੱਤਾ ਗਿਆ। ਜਿਹਨਾਂ ਬਾਰੇ ਹੈ, ਉਹਨਾਂ ਨੂੰ ਦੱਸਿਆ ਜਾਂਦਾ ਹੈ।
house-retention-changed = ਘਰ ਹੁਣ ਕੁਝ ਹੋਰ ਸੁਝਾਉਂਦਾ ਹੈ। ਜਵਾਬ ਦੇਣ ਤੋਂ ਪਹਿਲਾਂ ਉਸਨੂੰ ਫਿਰ ਵੇਖੋ।
house-retention-ended = ਘਰ ਹੁਣ ਇਹ ਨਹੀਂ ਸੁਝਾਉਂਦਾ। ਜਿਸ ਨਾਲ ਕੋਈ ਸਹਿਮਤ ਹੋਇਆ ਉਹ ਉਹਨਾਂ ਦਾ ਆਪਣਾ ਨਿਯਮ ਹੈ, ਅਤੇ ਰਹਿੰਦਾ ਹੈ।
house-retention-proposals = ਘਰ ਦਾ ਸੁਝਾਅ
house-retention-asks = ਤੁਹਾਡੇ ਸਹਿਮਤ ਹੋਣ ਤੋਂ ਪਹਿਲਾਂ ਕੁਝ ਨਸ਼ਟ ਨਹੀਂ ਕੀਤਾ ਜਾਂਦਾ
house-retention-begins = { $when } ਤੋਂ ਲਾਗੂ, ਜੇ ਤੁਸੀਂ ਇਹ ਰਿਕਾਰਡ ਨਾ ਰੱਖੋ
house-retention-keep = ਇਹ ਰਿਕਾਰਡ ਰੱਖੋ
house-retention-agree = ਸਹਿਮਤ ਹਾਂ
house-retention-waits = ਘਰ ਸੁਝਾਉਂਦਾ ਹੈ ਕਿ ਇਹਨਾਂ ਵਿੱਚੋਂ ਕੁਝ ਰਿਕਾਰਡ ਕਦੋਂ ਤੱਕ ਰੱਖੇ ਜਾਣ, ਅਤੇ “ਰਿਕਾਰਡ ਕਦੋਂ ਤੱਕ ਰੱਖੇ ਜਾਂਦੇ ਹਨ” ਵਿੱਚ ਤੁਹਾਡੇ ਜਵਾਬ ਦੀ ਉਡੀਕ ਹੈ।
mail-proposed-subject = ਰਿਕਾਰਡ ਕਦੋਂ ਤੱਕ ਰੱਖੇ ਜਾਣ: ਇੱਕ ਸੁਝਾਅ
mail-proposed-text = ਜਿਸ ਘਰ ਵਿੱਚ ਤੁਹਾਡੇ ਸੰਭਾਲੇ ਰਿਕਾਰਡ ਰੱਖੇ ਹਨ, ਉਹ ਸੁਝਾਉਂਦਾ ਹੈ ਕਿ ਉਹਨਾਂ ਵਿੱਚੋਂ ਕੁਝ ਇੱਕ ਸਮੇਂ ਬਾਅਦ ਨਸ਼ਟ ਕੀਤੇ ਜਾਣ। ਤੁਹਾਡੇ ਸਹਿਮਤ ਹੋਣ ਤੋਂ ਪਹਿਲਾਂ ਕੁਝ ਨਸ਼ਟ ਨਹੀਂ ਕੀਤਾ ਜਾਂਦਾ। ਕਿਸ ਬਾਰੇ ਹੈ, ਇਹ ਸਾਈਨ ਇਨ ਕਰਨ ਤੋਂ ਬਾਅਦ “ਰਿਕਾਰਡ ਕਦੋਂ ਤੱਕ ਰੱਖੇ ਜਾਂਦੇ ਹਨ” ਵਿੱਚ ਲਿਖਿਆ ਹੈ:
mail-proposed-end = ਜੇ ਤੁਸੀਂ ਕੁਝ ਨਾ ਕਰੋ, ਤਾਂ ਸਭ ਕੁਝ ਰੱਖਿਆ ਜਾਂਦਾ ਹੈ।
mail-announced-subject = ਰਿਕਾਰਡ ਨਸ਼ਟ ਕੀਤੇ ਜਾਣਗੇ, ਜੇ ਤੁਸੀਂ ਉਹਨਾਂ ਨੂੰ ਨਾ ਰੱਖੋ
mail-announced-text = ਘਰ ਦੇ ਇੱਕ ਨਿਯਮ ਨਾਲ, ਤੁਹਾਡੇ ਸੰਭਾਲੇ ਉਹ ਰਿਕਾਰਡ ਜਿਹਨਾਂ ਦਾ ਸਮਾਂ ਪੂਰਾ ਹੋ ਗਿਆ, ਨਸ਼ਟ ਕੀਤੇ ਜਾਣਗੇ, ਪਰ ਇੱਕ ਹਫ਼ਤੇ ਤੋਂ ਪਹਿਲਾਂ ਨਹੀਂ। ਕਿਸ ਬਾਰੇ ਹੈ, ਇਹ ਸਾਈਨ ਇਨ ਕਰਨ ਤੋਂ ਬਾਅਦ “ਰਿਕਾਰਡ ਕਦੋਂ ਤੱਕ ਰੱਖੇ ਜਾਂਦੇ ਹਨ” ਵਿੱਚ ਲਿਖਿਆ ਹੈ; ਉੱਥੇ ਤੁਸੀਂ ਉਹਨਾਂ ਨੂੰ ਰੱਖ ਸਕਦੇ ਹੋ:
mail-announced-end = ਜੇ ਤੁਸੀਂ ਕੁਝ ਨਾ ਕਰੋ, ਤਾਂ ਉਹ ਹਮੇਸ਼ਾ ਲਈ ਨਸ਼ਟ ਹੋ ਜਾਣਗੇ।

## Data and rights

nav-data = ਤੁਹਾਡਾ ਡੇਟਾ ਅਤੇ ਹੱਕ
data-lead = ਇਸ ਵਿਅਕਤੀ ਬਾਰੇ ਜੋ ਰੱਖਿਆ ਹੈ ਉਸ ਉੱਤੇ ਤੁਸੀਂ ਕੀ ਮੰਗ ਸਕਦੇ ਹੋ: ਕਾਪੀ, ਸੁਧਾਰ, ਰੋਕ, ਕਿਸਨੇ ਦੇਖਿਆ, ਅਤੇ ਉਸ ਦਾ ਅੰਤ।
data-copy = ਕਾਪੀ ਲਓ
data-copy-help = ਪੜ੍ਹਨ ਲਈ: ਕਿਸੇ ਵੀ ਬ੍ਰਾਊਜ਼ਰ ਵਿੱਚ ਇੱਕ ਸਫ਼ਾ, ਛਾਪਣ ਲਈ ਵੀ। ਕਿਤੇ ਹੋਰ ਲੈ ਜਾਣ ਲਈ: FHIR, ਜਿਸ ਨੂੰ ਹੋਰ ਪ੍ਰੋਗਰਾਮ ਪੜ੍ਹਦੇ ਹਨ, ਯੰਤਰਾਂ ਦੇ ਮਾਪਾਂ ਸਮੇਤ, ਅਤੇ ਇੱਕ ਸਾਰਣੀ।
data-readable = ਪੜ੍ਹਨ ਲਈ (HTML)
data-fhir = ਪ੍ਰੋਗਰਾਮਾਂ ਲਈ (FHIR)
data-csv = ਸਾਰਣੀ ਵਜੋਂ (CSV)
data-correct = ਸੁਧਾਰੋ
data-correct-help = ਰਿਕਾਰਡ ਖੋਲ੍ਹੋ ਅਤੇ ਬਦਲੋ: ਪਹਿਲਾਂ ਜੋ ਲਿਖਿਆ ਸੀ ਉਹ ਇਤਿਹਾਸ ਵਿੱਚ ਰਹਿੰਦਾ ਹੈ। ਜੋ ਮਿਟਾ ਸਕਦਾ ਹੈ ਉਹ ਪਹਿਲਾਂ ਦਾ ਲਿਖਿਆ ਨਸ਼ਟ ਕਰ ਸਕਦਾ ਹੈ।
data-made = ਕਾਪੀ { $when } ਨੂੰ ਬਣੀ
data-written = ਆਖ਼ਰੀ ਵਾਰ { $when } ਨੂੰ ਲਿਖਿਆ ਗਿਆ
data-erase = ਇਸ ਵਿਅਕਤੀ ਬਾਰੇ ਸਭ ਕੁਝ ਮਿਟਾਓ
data-erase-help = ਸਭ ਕੁਝ ਹਮੇਸ਼ਾ ਲਈ ਜਾਂਦਾ ਹੈ: ਰਿਕਾਰਡ, ਦਸਤਾਵੇਜ਼, ਕਿਸਨੇ ਦੇਖਿਆ, ਅਤੇ ਤੁਹਾਡਾ ਖਾਤਾ ਜਿੱਥੇ ਉਹ ਸਿਰਫ਼ ਇਸੇ ਵਿਅਕਤੀ ਦਾ ਹੈ। ਪਹਿਲਾਂ ਦੇ ਬੈਕਅੱਪਾਂ ਵਿੱਚ ਉਹ ਉਦੋਂ ਤੱਕ ਰਹਿੰਦਾ ਹੈ ਜਦੋਂ ਤੱਕ ਉਹ ਮਿਟਾਏ ਨਾ ਜਾਣ। ਪਹਿਲਾਂ ਕਾਪੀ ਲਓ।
data-erase-confirm = ਨਾਂ ਇੱਕ ਵਾਰ ਫਿਰ ਲਿਖੋ: { $name }
data-erase-go = ਸਭ ਕੁਝ ਮਿਟਾਓ
data-erase-wrong = ਨਾਂ ਉਵੇਂ ਨਹੀਂ ਲਿਖਿਆ ਗਿਆ ਜਿਵੇਂ ਇੱਥੇ ਹੈ। ਕੁਝ ਨਹੀਂ ਮਿਟਾਇਆ ਗਿਆ।
looked-actor = ਕੌਣ
looked-anybody = ਕੋਈ ਵੀ
looked-any-kind = ਕੋਈ ਵੀ ਕਿਸਮ
looked-person = ਲੋਕ
looked-token = ਪ੍ਰੋਗਰਾਮ
looked-plugin = ਪਲੱਗਇਨ
looked-service = ਘਰ ਦੀਆਂ ਸੇਵਾਵਾਂ
looked-operator = ਸੰਚਾਲਕ
looked-csv = ਸਾਰਣੀ ਵਜੋਂ ਡਾਊਨਲੋਡ ਕਰੋ (CSV)
looked-json = JSON ਵਜੋਂ ਡਾਊਨਲੋਡ ਕਰੋ
