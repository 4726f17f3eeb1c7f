// Labels and annotations of the API: PGO's keys and values, so that selectors and dashboards carry
// over.
#pragma once

#include <map>
#include <string>

namespace annals::manifests {

using Labels = std::map<std::string, std::string>;

namespace label {

inline constexpr const char* kCluster = "postgres-operator.crunchydata.com/cluster";
inline constexpr const char* kInstanceSet = "postgres-operator.crunchydata.com/instance-set";
inline constexpr const char* kInstance = "postgres-operator.crunchydata.com/instance";
inline constexpr const char* kPatroni = "postgres-operator.crunchydata.com/patroni";
inline constexpr const char* kRole = "postgres-operator.crunchydata.com/role";
inline constexpr const char* kData = "postgres-operator.crunchydata.com/data";
inline constexpr const char* kClusterCertificate =
    "postgres-operator.crunchydata.com/cluster-certificate";
inline constexpr const char* kUser = "postgres-operator.crunchydata.com/pguser";
inline constexpr const char* kPgBackRest = "postgres-operator.crunchydata.com/pgbackrest";
inline constexpr const char* kPgBackRestConfig =
    "postgres-operator.crunchydata.com/pgbackrest-config";
inline constexpr const char* kPgBackRestDedicated =
    "postgres-operator.crunchydata.com/pgbackrest-dedicated";
inline constexpr const char* kPgBackRestRepo = "postgres-operator.crunchydata.com/pgbackrest-repo";
inline constexpr const char* kPgBackRestVolume =
    "postgres-operator.crunchydata.com/pgbackrest-volume";

inline constexpr const char* kPgBackRestBackup =
    "postgres-operator.crunchydata.com/pgbackrest-backup";
inline constexpr const char* kPgBackRestCronJob =
    "postgres-operator.crunchydata.com/pgbackrest-cronjob";
inline constexpr const char* kPgBackRestRestore =
    "postgres-operator.crunchydata.com/pgbackrest-restore";
inline constexpr const char* kRestoreDrill = "postgres-operator.crunchydata.com/restore-drill";
// Ours.
inline constexpr const char* kShutdownReceipt =
    "postgres-operator.crunchydata.com/shutdown-receipt";
// Ours: by which configuration the pod reads.
inline constexpr const char* kRepositoryReader =
    "postgres-operator.crunchydata.com/repository-reader";
inline constexpr const char* kStartupInstance =
    "postgres-operator.crunchydata.com/startup-instance";
inline constexpr const char* kMoveJob = "postgres-operator.crunchydata.com/move-job";
inline constexpr const char* kMoveData = "postgres-operator.crunchydata.com/move-pgdata-dir";
inline constexpr const char* kMoveRepository =
    "postgres-operator.crunchydata.com/move-pgbackrest-repo-dir";
// Of a volume claim that outlives its cluster: that cluster's UID.
inline constexpr const char* kKeptFor = "postgres-operator.crunchydata.com/kept-for";

// A value of kPgBackRestBackup: what a Job of a backup is for.
inline constexpr const char* kOfMissingWal = "missing-wal";

}  // namespace label

namespace annotation {

inline constexpr const char* kAuthorizeBackupRemoval =
    "postgres-operator.crunchydata.com/authorizeBackupRemoval";
inline constexpr const char* kPgBackRestBackup =
    "postgres-operator.crunchydata.com/pgbackrest-backup";
inline constexpr const char* kPgBackRestRestore =
    "postgres-operator.crunchydata.com/pgbackrest-restore";
// Which backup is to be removed, "repo1/20260131-080500F"; and, with the same value, consent where
// that is the newest or the last proven one.
inline constexpr const char* kPgBackRestExpire =
    "postgres-operator.crunchydata.com/pgbackrest-expire";
inline constexpr const char* kPgBackRestExpireConsent =
    "postgres-operator.crunchydata.com/pgbackrest-expire-consent";
// Which namespaces may clone this cluster, where the operator asks for consent: "a, b", or "*".
inline constexpr const char* kCloneNamespaces =
    "postgres-operator.crunchydata.com/clone-namespaces";
// Of a cluster: for how long its volumes outlive it, "7d"; which deleted cluster's volumes it takes
// up, by that cluster's UID; and whether nobody may delete it.
inline constexpr const char* kDeletedVolumeRetention =
    "postgres-operator.crunchydata.com/deleted-volume-retention";
inline constexpr const char* kTakeUpDeleted = "postgres-operator.crunchydata.com/take-up-deleted";
inline constexpr const char* kDeletionProtection =
    "postgres-operator.crunchydata.com/deletion-protection";
// Of a volume claim that is kept; the last one with the UID of the deleted cluster.
inline constexpr const char* kDeletedAt = "postgres-operator.crunchydata.com/deleted-at";
inline constexpr const char* kKeptUntil = "postgres-operator.crunchydata.com/kept-until";
inline constexpr const char* kLedWhenDeleted = "postgres-operator.crunchydata.com/led-when-deleted";
// Of a standby: who permits its promotion, and why, whatever its source does; or the receipt of a
// clean shutdown that it has to replay first.
inline constexpr const char* kStandbyPromotion =
    "postgres-operator.crunchydata.com/standby-promotion";
// Of a pod, by itself: what the source of its cluster lacks that is to be copied.
inline constexpr const char* kSourceLacks =
    "postgres-operator.crunchydata.com/standby-source-lacks";
inline constexpr const char* kPgBackRestInfo = "postgres-operator.crunchydata.com/pgbackrest-info";
// Each new value: the versions of collations are looked at now.
inline constexpr const char* kCheckCollations =
    "postgres-operator.crunchydata.com/check-collations";
// Of a cluster with a primary whose spec asks for a standby: the timeline whose writes are given up
// where the cluster to follow does not have them, "3".
inline constexpr const char* kGiveUpTimeline = "postgres-operator.crunchydata.com/give-up-timeline";
inline constexpr const char* kRestoreWithoutArchive =
    "postgres-operator.crunchydata.com/restore-without-archive";
// Restore drills: a request now (each new value is one), or one every so often ("24h", "7d"); of
// which repository, on volumes of which class; and what is asked of the restored database.
inline constexpr const char* kRestoreDrill = "postgres-operator.crunchydata.com/restore-drill";
inline constexpr const char* kRestoreDrillSchedule =
    "postgres-operator.crunchydata.com/restore-drill-schedule";
inline constexpr const char* kRestoreDrillRepo =
    "postgres-operator.crunchydata.com/restore-drill-repo";
inline constexpr const char* kRestoreDrillStorageClass =
    "postgres-operator.crunchydata.com/restore-drill-storage-class";
inline constexpr const char* kRestoreDrillDatabase =
    "postgres-operator.crunchydata.com/restore-drill-database";
inline constexpr const char* kRestoreDrillQuery =
    "postgres-operator.crunchydata.com/restore-drill-query";
inline constexpr const char* kRestoreDrillAgeQuery =
    "postgres-operator.crunchydata.com/restore-drill-age-query";
inline constexpr const char* kPgBackRestConfig =
    "postgres-operator.crunchydata.com/pgbackrest-config";
inline constexpr const char* kPgBackRestHash = "postgres-operator.crunchydata.com/pgbackrest-hash";
inline constexpr const char* kPgBackRestIpVersion =
    "postgres-operator.crunchydata.com/pgbackrest-ip-version";

}  // namespace annotation

namespace role {

inline constexpr const char* kPrimary = "primary";  // the Service of the primary
inline constexpr const char* kReplica = "replica";  // set by Patroni on pods, and their Service
inline constexpr const char* kLeader = "master";    // set by Patroni on the pod of the leader
inline constexpr const char* kPgData = "pgdata";
inline constexpr const char* kPgWal = "pgwal";
inline constexpr const char* kTablespace = "tablespace";
inline constexpr const char* kUser = "pguser";

}  // namespace role

inline constexpr const char* kDataPostgres = "postgres";
inline constexpr const char* kDataPgBackRest = "pgbackrest";
inline constexpr const char* kDefaultContainer = "kubectl.kubernetes.io/default-container";

}  // namespace annals::manifests
