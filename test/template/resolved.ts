import { readFileSync } from 'node:fs'
import { resolveTemplate } from '../../dev/cloudformation.ts'
import { TEMPLATE } from '../../dev/stack.ts'

/** The text of template.yaml. */
export const TEMPLATE_TEXT = readFileSync(TEMPLATE, 'utf8')

/** The template's resources for these parameters, as CloudFormation would see them. */
export const resolve = (parameters: Readonly<Record<string, string>> = {}) =>
  resolveTemplate(TEMPLATE_TEXT, parameters)
