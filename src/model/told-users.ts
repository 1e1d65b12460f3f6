/** What uses something, as a refusal to delete it tells. */

const usersTold = 5;

/** `distribution E1, distribution E2 and 3 more`. */
export function toldUsers(users: readonly string[]): string {
  const told = users.slice(0, usersTold).join(', ');
  return users.length > usersTold ? `${told} and ${users.length - usersTold} more` : told;
}
