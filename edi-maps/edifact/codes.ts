// The EDIFACT code lists there are, by element. A new list is a JSON file and a line here.
import { codeList, type CodeListData } from '../code-list.js'
import answer from './codes/0083.json' with { type: 'json' }

const list = (data: CodeListData) => codeList(data, 'edifact')

export const ANSWER = list(answer)
