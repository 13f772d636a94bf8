/** What one line of the report says. Figures are medians. */
export interface Measured {
  name: string;
  /** What `floor` and `ours` are counted in. */
  unit: string;
  /** The least that any library would have to spend. */
  floor: number;
  ours: number;
  /** `ours / floor`. */
  ratio: number;
  /** Missing: a figure to compare with, not a promise. */
  budget?: number;
  /** How the budget is to be read, for example `ratio <= budget`. */
  rule?: Rule;
  /** True if the budget holds. */
  met?: boolean;
  /** What else was seen. */
  note?: string;
}

export type Rule = 'ratio <= budget' | 'ratio >= budget' | 'ours <= budget' | 'ours >= budget';

type Figures = Pick<Measured, 'name' | 'unit' | 'floor' | 'ours' | 'note'>;

/** A line with a promise. */
export function judged(figures: Figures, rule: Rule, budget: number): Measured {
  const ratio = figures.ours / figures.floor;
  const met =
    rule === 'ours <= budget'
      ? figures.ours <= budget
      : rule === 'ours >= budget'
        ? figures.ours >= budget
        : rule === 'ratio <= budget'
          ? ratio <= budget
          : ratio >= budget;
  return { ...figures, ratio, budget, rule, met };
}
