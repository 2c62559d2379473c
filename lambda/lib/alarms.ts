import { Aws, Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type IAlarmAction, type IMetric, Stats, TreatMissingData, Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Settings } from './props.ts';

const PERIOD = Duration.minutes(5);
const SUM = { period: PERIOD, statistic: Stats.SUM };

/** What has to be looked at by a human. */
export class Alarms extends Construct {
  private readonly action: IAlarmAction | undefined;
  private readonly settings: Settings;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.settings = settings;
    const topic = this.topic(settings);
    this.action = topic && new SnsAction(topic);
  }

  watchHttp(http: IFunction, stage: HttpStage): void {
    this.alarm('Errors', 'The function failed or was killed', http.metricErrors(SUM), 1);
    this.alarm('Throttles', 'Requests found no instance to answer them', http.metricThrottles(SUM), 1);
    this.alarm('Answers5xx', 'Answers of status 5xx', stage.metricServerError(SUM), 1);
    // Those that are slower still are lost.
    const slow = this.settings.timeLimit * 1000 * 0.8;
    const duration = http.metricDuration({ period: PERIOD, statistic: Stats.percentile(99) });
    this.alarm('Slow', 'One request in a hundred takes most of the time limit', duration, slow);
  }

  watchUploads(deadLetters: IQueue): void {
    const visible = deadLetters.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: Stats.MAXIMUM });
    this.alarm('DeadLetters', 'Uploads that the worker could not do', visible, 1);
  }

  watchJobs(jobs: IStateMachine): void {
    this.alarm('Jobs', 'A job failed', jobs.metricFailed(SUM), 1);
  }

  private alarm(id: string, alarmDescription: string, metric: IMetric, threshold: number): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `glitch: ${alarmDescription}`,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // No requests, no trouble.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (this.action !== undefined) {
      alarm.addAlarmAction(this.action);
    }
  }

  /** That which is told, or one that sends mail. */
  private topic({ alarmEmail, alarmTopic }: Settings): ITopic | undefined {
    if (alarmTopic !== undefined) {
      return Topic.fromTopicArn(this, 'Topic', alarmTopic);
    }
    if (alarmEmail === undefined) {
      return undefined;
    }
    const topic = new Topic(this, 'Topic', { displayName: 'glitch alarms', enforceSSL: true });
    // The policy that enforces TLS takes the place of the one that lets alarms in.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    topic.addSubscription(new EmailSubscription(alarmEmail));
    return topic;
  }
}
