### What may go wrong, by code.

## What is wrong with a field, by code

problem-invalid = ਇਹ ਮੁੱਲ ਇੱਥੇ ਠੀਕ ਨਹੀਂ।
problem-required = ਇਹ ਜ਼ਰੂਰੀ ਹੈ।
problem-unknown-unit = ਇਹ ਇਕਾਈ ਜਾਣੀ ਨਹੀਂ। ਜਿਵੇਂ ਰਿਪੋਰਟ 'ਤੇ ਹੈ ਉਵੇਂ ਲਿਖੋ, ਉਦਾਹਰਣ mg/dL।
problem-unknown-field = ਇਹ ਅਜਿਹੇ ਰਿਕਾਰਡ ਦਾ ਹਿੱਸਾ ਨਹੀਂ।
problem-too-long = ਇਹ ਬਹੁਤ ਲੰਬਾ ਹੈ।
problem-too-short = ਇਹ ਬਹੁਤ ਛੋਟਾ ਹੈ।
problem-no-file = ਪਹਿਲਾਂ ਫ਼ਾਈਲ ਚੁਣੋ।
problem-invalid-decimal = ਨੰਬਰ ਲਿਖੋ, ਜਿਵੇਂ 7.2
problem-invalid-number = ਨੰਬਰ ਲਿਖੋ, ਜਿਵੇਂ 7.2
problem-invalid-length = ਸਿਫ਼ਰ ਤੋਂ ਵੱਧ ਅਤੇ ਸੌ ਸਾਲ ਤੱਕ ਦਾ ਸਮਾਂ ਲਿਖੋ।
problem-wrong-type = ਇਹ ਮੁੱਲ ਇੱਥੇ ਠੀਕ ਨਹੀਂ।
problem-invalid-date = ਤਾਰੀਖ 2026-04-03 ਵਾਂਗ ਲਿਖੋ, ਮਹੀਨਾ 2026-04 ਜਾਂ ਸਿਰਫ਼ ਸਾਲ।
problem-invalid-instant = ਤਾਰੀਖ 2026-04-03 ਵਾਂਗ ਲਿਖੋ, ਮਹੀਨਾ 2026-04 ਜਾਂ ਸਿਰਫ਼ ਸਾਲ।
problem-not-a-time = ਸਮੇਂ ਦੀ ਇਕਾਈ ਦਿਓ, ਜਿਵੇਂ ਦਿਨ ਜਾਂ ਹਫ਼ਤੇ।
problem-invalid-choice = ਦਿੱਤੇ ਸ਼ਬਦਾਂ ਵਿੱਚੋਂ ਇੱਕ ਚੁਣੋ।
problem-only-one = ਇਹਨਾਂ ਵਿੱਚੋਂ ਸਿਰਫ਼ ਇੱਕ ਦਿਓ।
problem-low-above-high = ਹੇਠਲਾ ਸਿਰਾ ਉੱਪਰਲੇ ਸਿਰੇ ਤੋਂ ਵੱਡਾ ਹੈ।
problem-end-before-start = ਇਹ ਸ਼ੁਰੂ ਹੋਣ ਤੋਂ ਪਹਿਲਾਂ ਖ਼ਤਮ ਹੁੰਦਾ ਹੈ।
problem-too-many = ਇਹ ਬਹੁਤ ਜ਼ਿਆਦਾ ਹਨ।
problem-has-samples = ਮਾਪ ਇਸੇ ਰੂਪ ਵਿੱਚ ਲਏ ਗਏ ਹਨ; ਇਸ ਦੀ ਥਾਂ ਨਵੀਂ ਲੜੀ ਬਣਾਓ।
problem-too-many-at-once = ਇੱਕੋ ਪਲ ਦੇ ਇੰਨੇ ਮਾਪ ਨਹੀਂ ਹੋ ਸਕਦੇ; ਲੜੀ ਹਰ ਪਲ ਦੇ ਵੱਧ ਤੋਂ ਵੱਧ 1,000 ਮਾਪ ਦਿਖਾਉਂਦੀ ਹੈ।
problem-too-easy = ਇਸਦਾ ਅੰਦਾਜ਼ਾ ਲਾਉਣਾ ਸੌਖਾ ਹੈ। ਕਈ ਸ਼ਬਦ ਵਰਤੋ।
problem-password-needed = ਆਪਣਾ ਮੌਜੂਦਾ ਪਾਸਵਰਡ ਲਿਖੋ।
problem-too-many-requests = ਬਹੁਤ ਵਾਰ ਕੋਸ਼ਿਸ਼ ਹੋਈ। ਕੁਝ ਮਿੰਟ ਰੁਕ ਕੇ ਫਿਰ ਕੋਸ਼ਿਸ਼ ਕਰੋ।
problem-no-second-factor = ਪਹਿਲਾਂ ਕੋਈ ਐਪ ਜਾਂ ਪਾਸਕੀ ਜੋੜੋ।
problem-https-needed = ਇਸ ਲਈ https ਚਾਹੀਦਾ ਹੈ।
problem-refused = ਇਹ ਮੰਨਿਆ ਨਹੀਂ ਗਿਆ। ਮੁੜ ਕੋਸ਼ਿਸ਼ ਕਰੋ।
problem-wrong-code = ਇਹ ਕੋਡ ਠੀਕ ਨਹੀਂ ਹੈ।
problem-too-easy-common = ਇਹ ਪਾਸਵਰਡ ਬਹੁਤ ਲੋਕ ਰੱਖਦੇ ਹਨ, ਇਸ ਲਈ ਸਭ ਤੋਂ ਪਹਿਲਾਂ ਇਹੀ ਅਜ਼ਮਾਇਆ ਜਾਂਦਾ ਹੈ। ਕਈ ਸ਼ਬਦ ਲਿਖੋ।
problem-too-easy-word = ਇਕੱਲੇ ਸ਼ਬਦ ਦਾ ਅੰਦਾਜ਼ਾ ਸੌਖਾ ਹੈ। ਕਈ ਸ਼ਬਦ ਲਿਖੋ।
problem-too-easy-name = ਨਾਵਾਂ ਦਾ ਅੰਦਾਜ਼ਾ ਸੌਖਾ ਹੈ। ਕਈ ਹੋਰ ਸ਼ਬਦ ਲਿਖੋ।
problem-too-easy-date = ਤਾਰੀਖ਼ਾਂ ਅਤੇ ਸਾਲਾਂ ਦਾ ਅੰਦਾਜ਼ਾ ਸੌਖਾ ਹੈ। ਕਈ ਸ਼ਬਦ ਲਿਖੋ।
problem-too-easy-keys = ਨਾਲ-ਨਾਲ ਦੀਆਂ ਕੁੰਜੀਆਂ ਦਾ ਅੰਦਾਜ਼ਾ ਸੌਖਾ ਹੈ। ਕਈ ਸ਼ਬਦ ਲਿਖੋ।
problem-too-easy-repeats = ਦੁਹਰਾਓ ਦਾ ਅੰਦਾਜ਼ਾ ਸੌਖਾ ਹੈ। ਕਈ ਵੱਖ-ਵੱਖ ਸ਼ਬਦ ਲਿਖੋ।
problem-too-easy-sequence = abc ਜਾਂ 123 ਵਰਗੇ ਕ੍ਰਮ ਦਾ ਅੰਦਾਜ਼ਾ ਸੌਖਾ ਹੈ। ਕਈ ਸ਼ਬਦ ਲਿਖੋ।
problem-invalid-email = ਇਹ ਈ-ਮੇਲ ਪਤਾ ਨਹੀਂ ਹੈ।
problem-invalid-value = ਇਹ ਮੁੱਲ ਇੱਥੇ ਠੀਕ ਨਹੀਂ।
problem-truncated-json = ਫ਼ਾਈਲ ਵਿਚਕਾਰ ਹੀ ਮੁੱਕ ਜਾਂਦੀ ਹੈ। ਉਸਨੂੰ ਦੁਬਾਰਾ ਡਾਊਨਲੋਡ ਜਾਂ ਐਕਸਪੋਰਟ ਕਰੋ।
problem-invalid-json = ਇਹ ਸਹੀ JSON ਨਹੀਂ ਹੈ। ਫ਼ਾਈਲ ਦੁਬਾਰਾ ਐਕਸਪੋਰਟ ਕਰੋ।
problem-not-json = ਇਹ JSON ਫ਼ਾਈਲ ਨਹੀਂ ਹੈ।
problem-invalid-utf8 = ਅੱਖਰ UTF-8 ਵਿੱਚ ਨਹੀਂ ਹਨ। ਫ਼ਾਈਲ ਦੁਬਾਰਾ ਐਕਸਪੋਰਟ ਕਰੋ।
problem-damaged-archive = ਆਰਕਾਈਵ ਖ਼ਰਾਬ ਹੈ। ਉਸਨੂੰ ਦੁਬਾਰਾ ਡਾਊਨਲੋਡ ਕਰੋ।
problem-encrypted-archive = ਆਰਕਾਈਵ ਉੱਤੇ ਪਾਸਵਰਡ ਹੈ। ਉਸਨੂੰ ਖੋਲ੍ਹ ਕੇ ਉਸ ਦੀਆਂ ਫ਼ਾਈਲਾਂ ਚੁਣੋ।
problem-empty = ਇਸ ਵਿੱਚ ਕੁਝ ਨਹੀਂ ਹੈ।
problem-no-resource-type = ਇਸ ਵਿੱਚ ਨਹੀਂ ਲਿਖਿਆ ਕਿ ਇਹ ਕਿਸ ਤਰ੍ਹਾਂ ਦਾ FHIR ਰਿਸੋਰਸ ਹੈ।
problem-unknown-resource-type = FHIR R4 ਵਿੱਚ ਅਜਿਹਾ ਕੋਈ ਰਿਸੋਰਸ ਨਹੀਂ ਹੈ।
problem-too-deep = ਇਹ ਬਹੁਤ ਡੂੰਘਾਈ ਤੱਕ ਇੱਕ ਦੇ ਅੰਦਰ ਇੱਕ ਹੈ।
problem-too-large = ਇਹ ਬਹੁਤ ਵੱਡਾ ਹੈ।
problem-duplicate-name = ਇੱਥੇ ਇੱਕੋ ਨਾਂ ਦੋ ਵਾਰ ਹੈ।

## What went wrong with a page, by kind

error-not-found-heading = ਇੱਥੇ ਕੁਝ ਨਹੀਂ ਹੈ
error-not-found-text = ਇਹ ਪੰਨਾ ਨਹੀਂ ਹੈ, ਜਾਂ ਇਸਨੂੰ ਦੇਖਣ ਦੀ ਇਜਾਜ਼ਤ ਤੁਹਾਨੂੰ ਨਹੀਂ ਹੈ।
error-denied-heading = ਇਹ ਤੁਹਾਡੇ ਨਾਲ ਸਾਂਝਾ ਨਹੀਂ ਕੀਤਾ ਗਿਆ
error-denied-text = ਜਿਨ੍ਹਾਂ ਦੇ ਇਹ ਰਿਕਾਰਡ ਹਨ, ਉਨ੍ਹਾਂ ਤੋਂ ਇਜਾਜ਼ਤ ਮੰਗੋ।
error-form-heading = ਫ਼ਾਰਮ ਪੁਰਾਣਾ ਹੋ ਗਿਆ ਹੈ
error-form-text = ਵਾਪਸ ਜਾਓ, ਪੰਨਾ ਫਿਰ ਖੋਲ੍ਹੋ ਅਤੇ ਦੁਬਾਰਾ ਭੇਜੋ।
error-too-large-heading = ਫ਼ਾਈਲ ਬਹੁਤ ਵੱਡੀ ਹੈ
error-too-large-text = ਇਸ ਮਸ਼ੀਨ ਦੀ ਦੇਖਭਾਲ ਕਰਨ ਵਾਲਾ ਹੱਦ ਵਧਾ ਸਕਦਾ ਹੈ।
error-internal-heading = ਇੱਥੇ ਕੁਝ ਗੜਬੜ ਹੋਈ
error-internal-text = ਜਿਸਦੀ ਪੁਸ਼ਟੀ ਤੁਸੀਂ ਨਹੀਂ ਦੇਖੀ, ਉਹ ਨਹੀਂ ਬਦਲਿਆ। ਥੋੜ੍ਹੀ ਦੇਰ ਵਿੱਚ ਫਿਰ ਕੋਸ਼ਿਸ਼ ਕਰੋ।
error-busy-heading = ਇੱਕ ਪਲ ਰੁਕੋ
error-busy-text = ਮਸ਼ੀਨ 'ਤੇ ਬਹੁਤ ਕੰਮ ਹੈ। ਥੋੜ੍ਹੀ ਦੇਰ ਵਿੱਚ ਫਿਰ ਕੋਸ਼ਿਸ਼ ਕਰੋ।
