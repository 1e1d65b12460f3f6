/** Whether a distribution has additional metrics (API 2020-05-31, section 4.12); has the id of that. */
export type MonitoringSubscriptionConfig = {
  /** Id. */
  readonly distribution: string;
  readonly enabled: boolean;
};
