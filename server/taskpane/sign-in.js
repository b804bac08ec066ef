/** Signs people in where the service asks for it: by nested app authentication in Excel, by a pop-up elsewhere.
 *  MSAL.js keeps the tokens; nothing of them is stored or shown here. */

const MESSAGE = "Sign in to use CellFusion.";
let asked = null;
let opened = null;

/** Somebody has to sign in; `signIn` tells the page to offer it. */
export class SignInError extends Error {
  code = "sign-in";
  signIn = true;
}

/** Whether people sign in from this pane. */
export const signsIn = async () => (await session()).sign_in !== null;

/** The token of the person for one call, "" where none is needed; `renew` takes no kept one. */
export async function token(renew = false) {
  const { sign_in: how } = await session();
  if (!how) return "";
  const client = await msal(how);
  try {
    return accepted(client, await client.acquireTokenSilent(request(client, how, { forceRefresh: renew })));
  } catch (error) {
    throw new SignInError(MESSAGE, { cause: error });
  }
}

/** Asks the person; to be called from a click, or the pop-up is blocked. */
export async function signIn() {
  const { sign_in: how } = await session();
  if (!how) return;
  const client = await msal(how);
  try {
    accepted(client, await client.acquireTokenPopup(request(client, how)));
  } catch (error) {
    throw new SignInError("You are not signed in. Try again, or ask your administrator.", { cause: error });
  }
}

function session() {
  asked ??= fetch(new URL("../api/v1/session", document.baseURI)).then((answer) => {
    if (!answer.ok) throw new Error(`session: ${answer.status}`);
    return answer.json();
  });
  asked.catch(() => (asked = null));
  return asked;
}

function msal(how) {
  opened ??= open(how);
  opened.catch(() => (opened = null));
  return opened;
}

async function open({ client_id: clientId, authority, msal: source }) {
  try {
    // seen from the page, not from this file: its address changes with every version
    const pane = new URL("../taskpane/", document.baseURI);
    if (!window.msal) await load(new URL(source, pane).href);
    const redirectUri = new URL("signed-in.html", pane).href;
    return await window.msal.createNestablePublicClientApplication({ auth: { clientId, authority, redirectUri } });
  } catch (error) {
    throw Object.assign(new Error("Sign-in could not be loaded. Check the network and try again.", { cause: error }), { code: "sign-in-missing" });
  }
}

function load(src) {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src });
    script.onload = resolve;
    script.onerror = () => {
      script.remove();
      reject(new Error("msal"));
    };
    document.head.append(script);
  });
}

function request(client, { scopes }, more = {}) {
  const account = client.getActiveAccount() ?? client.getAllAccounts()[0];
  return { scopes, ...(account ? { account } : {}), ...more };
}

function accepted(client, { accessToken, account }) {
  if (account) client.setActiveAccount(account);
  return accessToken;
}
