/** The smallest function: the cost of Node and the runtime alone. */
export const handler = async () => ({ statusCode: 200, body: '' })
