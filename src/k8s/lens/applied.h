// The lens for any object that we apply, as facts need it: the digest of what is ours in it, who
// else wrote it last, and the few values that machines read. The digest stands in journals: it is
// SHA-256 over the canonical JSON of exactly those values that managedFields says our field manager
// applied, under their paths in fieldsV1. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "k8s/lens/actor.h"
#include "k8s/text/json.h"

namespace annals::k8s {

struct AppliedView {
  std::string uid;
  std::string resource_version;
  std::string digest;  // 64 hexadecimal digits; empty where our field manager applied nothing
  Actor last_writer;   // other than us, of more than status; empty when nobody else wrote
  // As text; what is no text as JSON. Nothing where the field is absent.
  std::optional<std::string> cluster_ip;
  std::optional<std::string> instance_set;
  std::optional<std::string> instance;
  // Of a Job, told by its conditions (items of a list do not carry their kind): whether it ended
  // well, and the message of its failure.
  bool complete = false;
  std::optional<std::string> failed;
  // Of a Job: when it began, and what its status counts. Of one that makes a backup also which
  // request (an annotation's value) or schedule it is of.
  std::optional<std::string> request;
  std::optional<std::string> schedule;
  std::optional<std::string> repo;
  std::optional<std::string> start_time;
  std::optional<std::string> completion_time;
  std::optional<std::string> active;
  std::optional<std::string> succeeded;
  std::optional<std::string> failures;
  // Of a StatefulSet: which template its next pod is made from, once its controller has seen the
  // latest one.
  std::optional<std::string> revision;
  // Of a volume claim: what is asked for, what there is, and what became of a resize.
  std::optional<std::string> requested;
  std::optional<std::string> capacity;
  std::string resize;  // types of conditions that are true: "FileSystemResizePending"
  // Of the object in which Patroni keeps its state: its annotation, and the digest of its
  // configuration, which Patroni writes again with other whitespace.
  std::optional<std::string> initialize;
  std::optional<std::string> config;
  // Likewise: who leads, by the name of a pod, and the configuration's failsafe_mode where it says
  // anything of that.
  std::optional<std::string> leader;
  std::optional<std::string> failsafe;
  // Of the Secret in which an authority is kept: the digest of its certificate, so that another
  // one is noticed whatever else stays the same.
  std::optional<std::string> authority;
};

// SHA-256 over the canonical form of a JSON text; empty when it is none.
std::string digest_of_json(JsonReader& reader, std::string_view text);

Result<AppliedView> read_applied(JsonReader& reader, std::string_view object);

}  // namespace annals::k8s
