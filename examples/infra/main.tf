# Rotations of secrets, from EventBridge through an encrypted SNS topic to the queues that awscurrent listens to.
# No CloudTrail trail is needed: Secrets Manager itself sends the event.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

variable "secret_name_prefix" {
  description = "What the names of the secrets begin with whose rotations are told."
  type        = string
  default     = "prod/"
}

variable "parameter_name_prefix" {
  description = "What the names of the parameters begin with whose changes are told."
  type        = string
  default     = "/prod/"
}

variable "reader_secret_names" {
  description = "The secrets that the reader's policy is for, by their whole names."
  type        = list(string)
  default     = ["prod/db"]
}

variable "webhook_url" {
  description = "Where createSnsHandler listens; the only URL that its policy lets subscribe."
  type        = string
  default     = "https://orders.example.com/sns"
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account    = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.region
  topic_name = "secret-rotations"
  own_queue  = "arn:${local.partition}:sqs:${local.region}:${local.account}:awscurrent-*"
}

# A key of your own: the policy of the key that SNS manages does not let EventBridge use it.
resource "aws_kms_key" "rotations" {
  description         = "Encrypts the messages about rotations of secrets."
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.key.json
}

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:In a key's own policy "*" is that key, which somebody must be able to administer.
  #checkov:skip=CKV_AWS_111:In a key's own policy "*" is that key.
  #checkov:skip=CKV_AWS_356:In a key's own policy "*" is that key.
  statement {
    sid       = "TheAccountAdministersTheKey"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }
  # EventBridge takes no aws:SourceArn or aws:SourceAccount condition here: with one, nothing arrives. SNS names its topic to KMS.
  statement {
    sid       = "EventBridgeSendsToTheTopic"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:sns:topicArn"
      # Not by a reference: the topic itself refers to the key.
      values = ["arn:${local.partition}:sns:${local.region}:${local.account}:${local.topic_name}"]
    }
  }
  statement {
    sid       = "SnsSendsToTheQueue"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_sns_topic" "rotations" {
  name              = local.topic_name
  kms_master_key_id = aws_kms_key.rotations.arn
  # SHA-256 instead of SHA-1, for those who listen over HTTP.
  signature_version = 2
}

resource "aws_sns_topic_policy" "rotations" {
  arn    = aws_sns_topic.rotations.arn
  policy = data.aws_iam_policy_document.topic.json
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "TheRulePublishes"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.rotations.arn]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.rotations.arn, aws_cloudwatch_event_rule.parameters.arn]
    }
  }
}

# Secrets Manager sends no such event when a secret is deleted or restored: that is noticed at the end of the TTL.
resource "aws_cloudwatch_event_rule" "rotations" {
  name        = "secret-rotations"
  description = "A staging label AWSCURRENT has moved."
  event_pattern = jsonencode({
    source        = ["aws.secretsmanager"]
    "detail-type" = ["Secret Label Updated"]
    detail = {
      labelUpdated = ["AWSCURRENT"]
      name         = [{ prefix = var.secret_name_prefix }]
    }
  })
}

resource "aws_cloudwatch_event_target" "topic" {
  rule = aws_cloudwatch_event_rule.rotations.name
  arn  = aws_sns_topic.rotations.arn
  # A rotation that could not be told within an hour is told by the TTL.
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 185
  }
  dead_letter_config {
    arn = aws_sqs_queue.undelivered_events.arn
  }
}

# For ssmSource: parameters of Parameter Store, which sends its events by itself too.
resource "aws_cloudwatch_event_rule" "parameters" {
  name        = "parameter-changes"
  description = "A parameter was changed."
  event_pattern = jsonencode({
    source        = ["aws.ssm"]
    "detail-type" = ["Parameter Store Change"]
    detail = {
      operation = ["Create", "Update", "Delete"]
      name      = [{ prefix = var.parameter_name_prefix }]
    }
  })
}

resource "aws_cloudwatch_event_target" "topic_of_parameters" {
  rule = aws_cloudwatch_event_rule.parameters.name
  arn  = aws_sns_topic.rotations.arn
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 185
  }
  dead_letter_config {
    arn = aws_sqs_queue.undelivered_events.arn
  }
}

resource "aws_sqs_queue" "undelivered_events" {
  name                      = "secret-rotations-undelivered"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_policy" "undelivered_events" {
  queue_url = aws_sqs_queue.undelivered_events.id
  policy    = data.aws_iam_policy_document.undelivered_events.json
}

data "aws_iam_policy_document" "undelivered_events" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.undelivered_events.arn]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.rotations.arn, aws_cloudwatch_event_rule.parameters.arn]
    }
  }
}

# A queue for one instance: listenToQueue(secrets, { queueUrl }). Instances of a fleet make their own by { topicArn }.
resource "aws_sqs_queue" "rotations" {
  name                       = "secret-rotations"
  kms_master_key_id          = aws_kms_key.rotations.arn
  message_retention_seconds  = 3600
  receive_wait_time_seconds  = 20
  visibility_timeout_seconds = 60
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.poisonous_messages.arn
    maxReceiveCount     = 10
  })
}

resource "aws_sqs_queue" "poisonous_messages" {
  name                      = "secret-rotations-poisonous"
  kms_master_key_id         = aws_kms_key.rotations.arn
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue_policy" "rotations" {
  queue_url = aws_sqs_queue.rotations.id
  policy    = data.aws_iam_policy_document.queue.json
}

data "aws_iam_policy_document" "queue" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.rotations.arn]
    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_sns_topic.rotations.arn]
    }
  }
}

resource "aws_sns_topic_subscription" "queue" {
  topic_arn = aws_sns_topic.rotations.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.rotations.arn
}

# For the role of a service that only reads. The six characters end every secret's ARN: a "*" would match longer names, too.
data "aws_iam_policy_document" "reader" {
  statement {
    sid     = "ReadTheSecrets"
    actions = ["secretsmanager:GetSecretValue"]
    resources = [
      for name in var.reader_secret_names :
      "arn:${local.partition}:secretsmanager:${local.region}:${local.account}:secret:${name}-??????"
    ]
    # AWSPENDING is for pools: in the middle of a rotation it holds the password that the database knows already.
    condition {
      test     = "ForAnyValue:StringEquals"
      variable = "secretsmanager:VersionStage"
      values   = ["AWSCURRENT", "AWSPENDING"]
    }
  }
}

# In addition, for a service that reads parameters. kms:Decrypt is needed for keys of your own only.
data "aws_iam_policy_document" "parameter_reader" {
  statement {
    sid       = "ReadTheParameters"
    actions   = ["ssm:GetParameter", "ssm:GetParameters"]
    resources = ["arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:parameter${var.parameter_name_prefix}*"]
  }
}

# In addition, for listenToQueue(secrets, { queueUrl }).
data "aws_iam_policy_document" "given_queue" {
  statement {
    sid       = "ListenToTheQueue"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]
    resources = [aws_sqs_queue.rotations.arn]
  }
  statement {
    sid       = "DecryptItsMessages"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.rotations.arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["sqs.${local.region}.${data.aws_partition.current.dns_suffix}"]
    }
  }
}

# In addition, for listenToQueue(secrets, { topicArn }) and sweepQueues.
data "aws_iam_policy_document" "own_queue" {
  statement {
    sid = "MakeUseAndRemoveOwnQueues"
    actions = [
      "sqs:CreateQueue",
      "sqs:DeleteQueue",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ListQueueTags",
      "sqs:ReceiveMessage",
      "sqs:SetQueueAttributes",
      "sqs:TagQueue",
    ]
    resources = [local.own_queue]
  }
  statement {
    sid       = "SubscribeThem"
    actions   = ["sns:Subscribe"]
    resources = [aws_sns_topic.rotations.arn]
    condition {
      test     = "StringEquals"
      variable = "sns:Protocol"
      values   = ["sqs"]
    }
    condition {
      test     = "ArnLike"
      variable = "sns:Endpoint"
      values   = [local.own_queue]
    }
  }
  statement {
    sid       = "FindWhatCrashedInstancesLeft"
    actions   = ["sns:ListSubscriptionsByTopic"]
    resources = [aws_sns_topic.rotations.arn]
  }
  # These two know no resources.
  statement {
    sid       = "UnsubscribeAndList"
    actions   = ["sns:Unsubscribe", "sqs:ListQueues"]
    resources = ["*"]
  }
}

# In addition, for createSnsHandler.
data "aws_iam_policy_document" "sns_handler" {
  statement {
    sid       = "SubscribeItsUrl"
    actions   = ["sns:Subscribe"]
    resources = [aws_sns_topic.rotations.arn]
    condition {
      test     = "StringEquals"
      variable = "sns:Protocol"
      values   = ["https"]
    }
    condition {
      test     = "StringEquals"
      variable = "sns:Endpoint"
      values   = [var.webhook_url]
    }
  }
  statement {
    sid       = "ConfirmIt"
    actions   = ["sns:ConfirmSubscription"]
    resources = [aws_sns_topic.rotations.arn]
  }
  # Knows no resources.
  statement {
    sid       = "Unsubscribe"
    actions   = ["sns:Unsubscribe"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "rotations" {
  for_each = {
    reader           = data.aws_iam_policy_document.reader.json
    parameter-reader = data.aws_iam_policy_document.parameter_reader.json
    given-queue      = data.aws_iam_policy_document.given_queue.json
    own-queue        = data.aws_iam_policy_document.own_queue.json
    sns-handler      = data.aws_iam_policy_document.sns_handler.json
  }
  name   = "secret-rotations-${each.key}"
  policy = each.value
}

output "topic_arn" {
  description = "For listenToQueue and createSnsHandler."
  value       = aws_sns_topic.rotations.arn
}

output "queue_url" {
  description = "For listenToQueue of a single instance."
  value       = aws_sqs_queue.rotations.id
}

output "undelivered_events_url" {
  description = "Should stay empty; worth an alarm."
  value       = aws_sqs_queue.undelivered_events.id
}

output "policy_arns" {
  value = { for name, policy in aws_iam_policy.rotations : name => policy.arn }
}
