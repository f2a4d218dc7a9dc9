// Puts the token into the command of the home page. Runs in the browser.

const { token } = await (await fetch('/token', { method: 'POST' })).json()
if (token) document.querySelector('.token').textContent = token
