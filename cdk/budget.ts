import { Stack } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export interface BudgetProps {
  /** US dollars. */
  readonly monthly: number;
  readonly topic: Topic;
}

/** Per cent of the budget: at the end of it, and before that when the month is on its way there. */
const SPENT = { notificationType: 'ACTUAL', threshold: 100 };
const FORESEEN = { notificationType: 'FORECASTED', threshold: 100 };

/**
 * Tells the topic of alarms when the month costs more than that. It counts what bears the stack's tag, once "project" is
 * switched on as a cost allocation tag of the account (Billing → Cost allocation tags).
 */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, { monthly, topic }: BudgetProps) {
    super(scope, id);
    const { account } = Stack.of(this);
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('budgets.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    );
    new CfnBudget(this, 'Month', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthly, unit: 'USD' },
        costFilters: { TagKeyValue: ['user:project$portfleet'] },
      },
      notificationsWithSubscribers: [SPENT, FORESEEN].map((notification) => ({
        notification: { ...notification, comparisonOperator: 'GREATER_THAN', thresholdType: 'PERCENTAGE' },
        subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
      })),
    });
  }
}
