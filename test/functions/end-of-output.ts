/** What a function in a child process writes after the output of an invocation. */
export const END_OF_OUTPUT = 'end of output\n'
