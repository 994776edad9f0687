### What may go wrong, by code.

## What is wrong with a field, by code

problem-invalid = यह मान यहाँ ठीक नहीं।
problem-required = यह ज़रूरी है।
problem-missing = यह ज़रूरी है।
problem-unknown-unit = यह इकाई ज्ञात नहीं। जैसे रिपोर्ट पर है वैसे लिखें, उदाहरण mg/dL।
problem-not-a-number = संख्या लिखें, जैसे 7.2
problem-not-a-date = तारीख 2026-04-03 जैसे लिखें, माह 2026-04 या केवल वर्ष।
problem-unknown-choice = दिए गए शब्दों में से एक चुनें।
problem-unknown-field = यह ऐसे रिकॉर्ड का भाग नहीं।
problem-too-long = यह बहुत लंबा है।
problem-too-short = यह बहुत छोटा है।
problem-no-file = पहले फ़ाइल चुनें।

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
