// A plugin of the kind `insight`: it counts the medicines of the person it is called about.
//
// Everything between a plugin and PHM stands here, because it is little: a message lies in a block outside the plugin's own memory
// and is copied byte by byte; `phm_call` takes the number of a block and gives one back. Both messages are JSON.

@external("extism:host/env", "alloc")
declare function allocate(length: u64): u64;
@external("extism:host/env", "length")
declare function lengthOf(at: u64): u64;
@external("extism:host/env", "load_u8")
declare function loadByte(at: u64): u32;
@external("extism:host/env", "store_u8")
declare function storeByte(at: u64, value: u32): void;
@external("extism:host/env", "output_set")
declare function setOutput(at: u64, length: u64): void;
@external("extism:host/user", "phm_call")
declare function phmCall(at: u64): u64;

/** Where a failed assertion of the compiler ends: in a trap, since a plugin imports nothing else to tell of it. */
function stop(message: string | null, file: string | null, line: u32, column: u32): void {
  unreachable();
}

/** A text as a new block. */
function put(text: string): u64 {
  const bytes = Uint8Array.wrap(String.UTF8.encode(text));
  const at = allocate(<u64>bytes.length);
  for (let n = 0; n < bytes.length; n++) storeByte(at + <u64>n, <u32>bytes[n]);
  return at;
}

/** The text of a block. */
function take(at: u64): string {
  const length = <i32>lengthOf(at);
  const bytes = new Uint8Array(length);
  for (let n = 0; n < length; n++) bytes[n] = <u8>loadByte(at + <u64>n);
  return String.UTF8.decode(bytes.buffer);
}

/** Asks the house for something. */
function ask(operation: string, args: string): string {
  return take(phmCall(put('{"v":1,"op":"' + operation + '","args":' + args + "}")));
}

/** What stands in quotes behind a key, as it is written in JSON; empty where there is none. */
function textOf(json: string, key: string): string {
  const begin = '"' + key + '":"';
  const found = json.indexOf(begin);
  if (found < 0) return "";
  const start = found + begin.length;
  let end = start;
  while (end < json.length && json.charCodeAt(end) != 0x22) end += json.charCodeAt(end) == 0x5c ? 2 : 1;
  return json.substring(start, end);
}

/** The number behind the last such key; a key inside of a text has a backslash before its quotes and is not found. */
function numberOf(json: string, key: string): string {
  const begin = '"' + key + '":';
  const found = json.lastIndexOf(begin);
  if (found < 0) return "0";
  let end = found + begin.length;
  while (end < json.length && json.charCodeAt(end) >= 0x30 && json.charCodeAt(end) <= 0x39) end++;
  return json.substring(found + begin.length, end);
}

/** What PHM calls for an insight. */
export function find(): i32 {
  const chosen = textOf(ask("settings.get", "{}"), "title");
  const title = chosen.length > 0 ? chosen : "Medicines";
  const reply = ask("records.list", '{"kind":"medication","per_page":1}');
  const text = reply.startsWith('{"ok":')
    ? numberOf(reply, "total") + " medicines are in the record."
    : "The medicines were not shown: " + textOf(reply, "code") + ".";
  const answer = put('{"findings":[{"title":"' + title + '","text":"' + text + '","records":[]}]}');
  setOutput(answer, lengthOf(answer));
  return 0;
}
