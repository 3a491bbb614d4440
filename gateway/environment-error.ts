// What is wrong with the machine or the settings rather than with a document or a message: exit code 3.

/** The environment does not allow the work. `message` says what is wrong, `remedy` what a person does about it. */
export class EnvironmentError extends Error {
  readonly remedy: string

  constructor(message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'EnvironmentError'
    this.remedy = remedy
  }
}
