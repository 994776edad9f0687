### What may go wrong, by code.

## What is wrong with a field, by code

problem-invalid = यह मान यहाँ ठीक नहीं।
problem-required = यह ज़रूरी है।
problem-unknown-unit = यह इकाई ज्ञात नहीं। जैसे रिपोर्ट पर है वैसे लिखें, उदाहरण mg/dL।
problem-unknown-field = यह ऐसे रिकॉर्ड का भाग नहीं।
problem-too-long = यह बहुत लंबा है।
problem-too-short = यह बहुत छोटा है।
problem-no-file = पहले फ़ाइल चुनें।
problem-invalid-decimal = संख्या लिखें, जैसे 7.2
problem-invalid-number = संख्या लिखें, जैसे 7.2
problem-invalid-length = शून्य से ज़्यादा और सौ वर्ष तक की अवधि लिखें।
problem-wrong-type = यह मान यहाँ ठीक नहीं।
problem-invalid-date = तारीख 2026-04-03 जैसे लिखें, माह 2026-04 या केवल वर्ष।
problem-invalid-instant = तारीख 2026-04-03 जैसे लिखें, माह 2026-04 या केवल वर्ष।
problem-not-a-time = समय की इकाई दें, जैसे दिन या सप्ताह।
problem-invalid-choice = दिए गए शब्दों में से एक चुनें।
problem-only-one = इनमें से केवल एक दें।
problem-low-above-high = निचला सिरा ऊपरी सिरे से बड़ा है।
problem-end-before-start = यह शुरू होने से पहले समाप्त होता है।
problem-too-many = ये बहुत अधिक हैं।
problem-has-samples = माप इसी रूप में लिए गए हैं; इसके बजाय नई शृंखला बनाएँ।
problem-too-many-at-once = एक ही क्षण के इतने माप नहीं हो सकते; शृंखला हर क्षण के ज़्यादा से ज़्यादा 1,000 माप दिखाती है।
problem-too-easy = इसका अनुमान लगाना आसान है। कई शब्द रखें।
problem-password-needed = अपना मौजूदा पासवर्ड लिखें।
problem-too-many-requests = बहुत ज़्यादा प्रयास हुए। कुछ मिनट रुककर फिर कोशिश करें।
problem-no-second-factor = पहले कोई ऐप या पासकी जोड़ें।
problem-https-needed = इसके लिए https चाहिए।
problem-refused = यह स्वीकार नहीं हुआ। फिर कोशिश करें।
problem-wrong-code = यह कोड सही नहीं है।
problem-too-easy-common = यह पासवर्ड बहुत लोग रखते हैं, इसलिए सबसे पहले यही आज़माया जाता है। कई शब्द लिखें।
problem-too-easy-word = अकेले एक शब्द का अनुमान आसान है। कई शब्द लिखें।
problem-too-easy-name = नामों का अनुमान आसान है। कई दूसरे शब्द लिखें।
problem-too-easy-date = तारीख़ों और वर्षों का अनुमान आसान है। कई शब्द लिखें।
problem-too-easy-keys = आस-पास की कुंजियों का अनुमान आसान है। कई शब्द लिखें।
problem-too-easy-repeats = दोहराव का अनुमान आसान है। कई अलग-अलग शब्द लिखें।
problem-too-easy-sequence = abc या 123 जैसे क्रम का अनुमान आसान है। कई शब्द लिखें।
problem-invalid-email = यह ई-मेल पता नहीं है।
problem-invalid-value = यह मान यहाँ ठीक नहीं।
problem-truncated-json = फ़ाइल बीच में ही ख़त्म हो जाती है। उसे फिर से डाउनलोड या एक्सपोर्ट करें।
problem-invalid-json = यह सही JSON नहीं है। फ़ाइल फिर से एक्सपोर्ट करें।
problem-not-json = यह JSON फ़ाइल नहीं है।
problem-invalid-utf8 = अक्षर UTF-8 में नहीं हैं। फ़ाइल फिर से एक्सपोर्ट करें।
problem-damaged-archive = आर्काइव ख़राब है। उसे फिर से डाउनलोड करें।
problem-encrypted-archive = आर्काइव पर पासवर्ड है। उसे खोलकर उसकी फ़ाइलें चुनें।
problem-empty = इसमें कुछ नहीं है।
problem-no-resource-type = इसमें नहीं लिखा कि यह किस तरह का FHIR रिसोर्स है।
problem-unknown-resource-type = FHIR R4 में ऐसा कोई रिसोर्स नहीं है।
problem-too-deep = यह बहुत गहराई तक एक के भीतर एक है।
problem-too-large = यह बहुत बड़ा है।
problem-duplicate-name = यहाँ एक ही नाम दो बार है।

## What went wrong with a page, by kind

error-not-found-heading = यहाँ कुछ नहीं है
error-not-found-text = यह पन्ना नहीं है, या इसे देखने की अनुमति आपको नहीं है।
error-denied-heading = यह आपसे साझा नहीं किया गया है
error-denied-text = जिनके ये रिकॉर्ड हैं, उनसे अनुमति माँगें।
error-form-heading = फ़ॉर्म पुराना हो गया है
error-form-text = वापस जाएँ, पन्ना फिर खोलें और दोबारा भेजें।
error-too-large-heading = फ़ाइल बहुत बड़ी है
error-too-large-text = इस मशीन की देखभाल करने वाला व्यक्ति सीमा बढ़ा सकता है।
error-internal-heading = यहाँ कुछ गड़बड़ हुई
error-internal-text = जिसकी पुष्टि आपने नहीं देखी, वह नहीं बदला। थोड़ी देर में फिर कोशिश करें।
error-busy-heading = एक क्षण रुकें
error-busy-text = मशीन पर बहुत काम है। थोड़ी देर में फिर कोशिश करें।
