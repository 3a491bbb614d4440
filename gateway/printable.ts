// What a partner wrote, made safe to be shown to a person.

/**
 * Control characters and escape sequences would change a terminal, direction marks the order in which a text is read:
 * each is shown as a dot.
 */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '·')
