// The check digit of GS1 numbers: SSCC and GTIN share one rule.

/**
 * Whether the last digit of a number is right (GS1 General Specifications 7.9: modulo 10, weights 3 and 1 from the
 * right of the digits before it). Anything but digits is wrong.
 */
export function hasGs1CheckDigit(number: string): boolean {
  let total = 0
  let weight = 1
  for (let at = number.length - 1; at >= 0; at--) {
    const digit = number.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return false
    total += digit * weight
    weight = 4 - weight
  }
  return number.length > 1 && total % 10 === 0
}

/** The check digit that belongs behind the given digits. */
export function gs1CheckDigit(digits: string): string {
  let total = 0
  let weight = 3
  for (let at = digits.length - 1; at >= 0; at--) {
    total += (digits.charCodeAt(at) - 48) * weight
    weight = 4 - weight
  }
  return String((10 - (total % 10)) % 10)
}
