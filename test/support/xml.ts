/** An element of a document: its attributes and its text are unescaped. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

const TOKEN = /<\?xml [^?]*\?>|<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;

/**
 * Reads XML without comments, CDATA and namespaces.
 * @throws {Error} where it is not well-formed: tags that do not match, bare & < or characters that XML cannot hold
 */
export function parseXml(text: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`Not well-formed at ${at}: ${text.slice(at, at + 60)}`);
    const [, closing, name, attributes = '', empty, content] = match;
    const parent = open.at(-1) ?? root;
    if (content !== undefined) parent.text += unescapeXml(content);
    if (name === undefined) continue;
    if (closing === '/') {
      if (parent.name !== name) throw new Error(`</${name}> ends <${parent.name}>`);
      open.pop();
      continue;
    }
    const element = { name, attributes: parseAttributes(attributes), children: [], text: '' };
    parent.children.push(element);
    if (empty !== '/') open.push(element);
  }
  const [document] = root.children;
  if (open.length !== 1 || document === undefined || root.children.length !== 1 || root.text.trim() !== '') {
    throw new Error('A document has exactly one element, which ends');
  }
  return document;
}

function parseAttributes(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(/([\w-]+)="([^"]*)"/g)) {
    if (Object.hasOwn(attributes, name)) throw new Error(`Two attributes ${name}`);
    attributes[name] = unescapeXml(value);
  }
  return attributes;
}

function unescapeXml(text: string): string {
  if (/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(text)) {
    throw new Error(`A character that XML cannot hold in ${JSON.stringify(text)}`);
  }
  return text.replace(/&(?:(amp|lt|gt|quot)|#(\d+));|&/g, (whole, name: string, code: string) => {
    if (code !== undefined) return String.fromCodePoint(Number(code));
    const character = { amp: '&', lt: '<', gt: '>', quot: '"' }[name];
    if (character === undefined) throw new Error(`A bare ${whole} in ${JSON.stringify(text)}`);
    return character;
  });
}
