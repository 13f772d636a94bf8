/** What was told of a person: the step, the run it belongs to, and the button that was pressed last, or what else they are said to have done. */
export type Person = readonly [step: number, run: number, press?: string];

/** What was told of each person of a campaign. */
export interface People {
  /** @param number E.164 */
  get(number: string): Person | undefined;
  set(number: string, person: Person): void;
  toStored(): StoredPeople;
}

/** Each thing that was told, and of whom: their digits. */
export type StoredPeople = [told: Person, digits: number[]][];

/** As it was stored first: by digits. */
type OldPeople = Record<string, Person>;

/** A hundred thousand people, of whom few different things are told: each of these is held once, and numbers as numbers. */
export function createPeople(stored: StoredPeople | OldPeople = []): People {
  const people = new Map<number, Person>();
  const known = new Map<string, Person>();
  const shared = (person: Person): Person => {
    const key = person.join(' ');
    const same = known.get(key) ?? person;
    known.set(key, same);
    return same;
  };
  if (Array.isArray(stored)) {
    for (const [person, digits] of stored) for (const each of digits) people.set(each, shared(person));
  } else {
    for (const [digits, person] of Object.entries(stored)) people.set(Number(digits), shared(person));
  }
  return {
    // The plus of a number is its sign, too.
    get: (number) => people.get(Number(number)),
    set: (number, person) => {
      people.set(Number(number), shared(person));
    },
    toStored: () => {
      const groups = new Map<Person, number[]>();
      for (const [digits, person] of people) {
        const group = groups.get(person);
        if (group === undefined) groups.set(person, [digits]);
        else group.push(digits);
      }
      return [...groups];
    },
  };
}
