// Numbers with a GS1 check digit, so that generated documents are sound.

/** A GTIN, GLN or SSCC from its digits without the last one. */
export function withCheckDigit(digits) {
  let sum = 0
  for (let k = 0; k < digits.length; k++) {
    sum += Number(digits[digits.length - 1 - k]) * (k % 2 === 0 ? 3 : 1)
  }
  return digits + ((10 - (sum % 10)) % 10)
}
