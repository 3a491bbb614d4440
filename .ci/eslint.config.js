// Lint rules: lost promises are lost messages, so the promise rules are errors; the direction between the three
// source folders is held by project references, purity of edi-maps by `types: []` and the globals banned here.
import tseslint from 'typescript-eslint'

const root = new URL('..', import.meta.url).pathname
const impure = ['process', 'setTimeout', 'setInterval', 'fetch', 'performance', 'crypto']

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'data/', 'odoo_addon/', 'coverage/'] },
  ...tseslint.configs.recommended.map((c) => ({ ...c, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: {
        project: ['edi-maps', 'adapters', 'gateway', 'test'].map((p) => `${p}/tsconfig.json`),
        tsconfigRootDir: root,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-empty': ['error', { allowEmptyCatch: false }],
    },
  },
  {
    files: ['edi-maps/**/*.ts', 'adapters/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...impure],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'the clock is an argument' },
        { object: 'Math', property: 'random', message: 'random is an argument' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'the clock is an argument',
        },
      ],
    },
  },
  {
    files: ['adapters/*/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^\\.\\./\\.\\./(?!edi-maps/canonical/)',
              message: 'a carrier imports only edi-maps/canonical and its own folder',
            },
          ],
        },
      ],
    },
  },
)
