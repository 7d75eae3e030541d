/** The dashboard's options after they were checked. */
export const dashboardOptions = Symbol('MajorityRedisDashboard options');
