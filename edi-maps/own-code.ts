// Functions with code of their own. Closures that come from one place of the source share what the engine has learned of
// the calls in them, and where tables make hundreds of them no call goes to the same place twice: none is inlined. A
// function made from text learns for itself.

/**
 * What `make` gives, as code of its own. `make` is taken as text, so it may use nothing but its parameters
 * (test/edi-maps/own-code.test.ts looks for other names).
 */
export function ownCode<From, Made>(make: (from: From) => Made, from: From): Made {
  return fromText<(from: From) => Made>(make.toString())(from)
}

/** The function a text says. */
export function fromText<F>(text: string): F {
  return new Function(`return (${text}
)`)() as F
}
