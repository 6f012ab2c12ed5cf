import { ConnectFault } from '../connectFault.ts';
import { quote } from '../masked.ts';
import type { JambonzAccount, JambonzApplication } from './jambonzAnswers.ts';
import type { JambonzApi } from './jambonzApi.ts';

export interface Chosen {
  readonly account: JambonzAccount;
  readonly application: JambonzApplication;
}

interface Wanted {
  readonly account: string | undefined;
  readonly application: string | undefined;
}

type Reading = Pick<JambonzApi, 'accounts' | 'account' | 'applications' | 'application'>;

/** The account and application that are meant. Rejects with a list if there are several. */
export async function choose(api: Reading, wanted: Wanted): Promise<Chosen> {
  if (wanted.application !== undefined) {
    const application = await api.application(wanted.application);
    const owner = application.account_sid;
    if (!owner) throw new ConnectFault(`the application ${wanted.application} belongs to no account; choose another`);
    if (wanted.account !== undefined && wanted.account !== owner)
      throw new ConnectFault(`the application ${wanted.application} belongs to the account ${owner}, not to --account`);
    return { account: await api.account(owner), application };
  }
  const account = wanted.account === undefined ? await onlyAccount(api) : await api.account(wanted.account);
  const applications = await api.applications(account.account_sid);
  const [first, ...others] = applications;
  if (!first) throw new ConnectFault(`the account ${account.account_sid} has no application; make one in the portal`);
  if (others.length > 0) {
    const lines = applications.map(({ application_sid: sid, name }) => ({ sid, name }));
    throw new ConnectFault(`the account has several applications; choose one with --application:\n${listed(lines)}`);
  }
  return { account, application: first };
}

async function onlyAccount(api: Reading): Promise<JambonzAccount> {
  const accounts = await api.accounts();
  const [first, ...others] = accounts;
  if (!first) throw new ConnectFault('the API key sees no account; use a key of the account');
  if (others.length === 0) return first;
  const lines = accounts.map(({ account_sid: sid, name }) => ({ sid, name }));
  throw new ConnectFault(`the API key sees several accounts; choose one with --account:\n${listed(lines)}`);
}

/** Longer messages are cut. */
const MOST_LISTED = 30;

function listed(lines: readonly { sid: string; name: string }[]): string {
  const shown = lines.slice(0, MOST_LISTED).map(({ sid, name }) => `  ${quote(sid, [])}  ${quote(name, [])}`);
  const left = lines.length - shown.length;
  return [...shown, ...(left > 0 ? [`  and ${left} more`] : [])].join('\n');
}
