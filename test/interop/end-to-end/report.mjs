// What the end-to-end run prints: one line for each step, with what was seen.

export function createReport() {
  let passed = 0
  const report = {
    failures: 0,
    /** Runs one step of a scenario; `work` gives what was seen, or throws and with it ends the scenario. */
    async step(scenario, step, work) {
      let seen
      try {
        seen = await work()
      } catch (error) {
        report.fail(scenario, step, error.message.slice(0, 1000))
        throw new Ended()
      }
      passed++
      print(scenario, step, seen.text ?? seen)
      return seen.value ?? seen
    },
    fail(scenario, step, why) {
      report.failures++
      print(scenario, step, `!! ${why}`)
    },
    /** Runs a scenario to its end or to the step that fails. */
    async scenario(work) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof Ended)) throw error
        return undefined
      }
    },
    end: () => console.log(`\n${passed} as they must be, ${report.failures} not`),
  }
  return report
}

/** A step has failed and was told. */
class Ended extends Error {}

const print = (scenario, step, seen) =>
  console.log([scenario.padEnd(28), step.padEnd(60), seen].join(' '))

/** Throws with what was found in the place of what is wanted. */
export function assertSeen(what, found, wanted) {
  if (found !== wanted)
    throw new Error(`${what} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`)
}
