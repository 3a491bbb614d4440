// The part of the package `edifact` that is used; it brings no types.
declare module 'edifact/parser.js' {
  export default class Parser {
    onopensegment: (tag: string) => void
    onelement: () => void
    oncomponent: (data: string) => void
    onclosesegment: () => void
    encoding(level: string): void
    write(text: string): void
    end(): void
  }
}
