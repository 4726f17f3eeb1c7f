#include "fsm/view/repository_trouble.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/bucket_command.h"

namespace annals::fsm {
namespace {

constexpr std::size_t kErrorBytesMax = 400;
constexpr std::string_view kError = "ERROR: ";

// Up to the end of the line; programs that log in one line write "\n" for it.
std::string_view first_line(std::string_view text) {
  return text.substr(0, std::min(text.find('\n'), text.find("\\n")));
}

std::string_view last_line(std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const std::size_t begin = text.rfind('\n');
  return begin == text.npos ? text : text.substr(begin + 1);
}

// A store says in XML what it has against a request: <Code>NoSuchBucket</Code>.
std::string_view code_of_store(std::string_view text) {
  constexpr std::string_view kBegin = "<Code>";
  const std::size_t begin = text.find(kBegin);
  if (begin == text.npos) return {};
  text.remove_prefix(begin + kBegin.size());
  return text.substr(0, std::min(text.find('<'), std::size_t{64}));
}

std::string with_code(std::string_view line, std::string_view all) {
  std::string error(line);
  if (error.ends_with(':')) error.pop_back();
  if (const std::string_view code = code_of_store(all); !code.empty()) error += concat(", ", code);
  if (error.size() > kErrorBytesMax) error.resize(kErrorBytesMax);
  return error;
}

enum class Field : std::uint8_t {
  kBucket,
  kNoBucket,
  kKey,
  kClock,
  kAuthority,
  kEndpoint,
  kVolume,
  kOptions,
  kHalfStanza
};

struct Sign {
  std::string_view text;
  Field field;
};
// The first that stands in the error says what it is about.
// clang-format off
constexpr std::array kSigns{
    Sign{"RequestTimeTooSkewed",     Field::kClock},
    Sign{"RequestExpired",           Field::kClock},
    Sign{"NoSuchBucket",             Field::kNoBucket},
    Sign{"ContainerNotFound",        Field::kNoBucket},
    Sign{"PermanentRedirect",        Field::kBucket},
    Sign{"404 (",                    Field::kNoBucket},
    Sign{"301 (",                    Field::kBucket},
    Sign{"403 (",                    Field::kKey},
    Sign{"401 (",                    Field::kKey},
    Sign{"authentication token",     Field::kKey},
    Sign{"requires option: repo",    Field::kKey},
    Sign{"base64",                   Field::kKey},
    Sign{"cipher",                   Field::kKey},
    Sign{"certificate",              Field::kAuthority},
    Sign{"CA ",                      Field::kAuthority},
    Sign{"TLS",                      Field::kAuthority},
    Sign{"to connect",               Field::kEndpoint},
    Sign{"get address",              Field::kEndpoint},
    Sign{"timeout",                  Field::kEndpoint},
    Sign{"503 (",                    Field::kEndpoint},
    Sign{"500 (",                    Field::kEndpoint},
    Sign{"Permission denied",        Field::kVolume},
    Sign{"No space",                 Field::kVolume},
    Sign{"Read-only",                Field::kVolume},
    Sign{"but backup.info",          Field::kHalfStanza},
    Sign{"option",                   Field::kOptions},
};
// clang-format on

struct Fields {
  std::string repo;    // "spec.backups.pgbackrest.repos[1]"
  std::string store;   // the same, ".s3"
  std::string bucket;  // the same, ".bucket"
  std::string prefix;  // "repo2-"
};

Fields fields_of(const spec::Repository& repo, std::size_t index) {
  Fields fields{.repo = concat("spec.backups.pgbackrest.repos[", index, "]"),
                .store = {},
                .bucket = {},
                .prefix = repo.name + "-"};
  const char* kind = repo.s3 ? ".s3" : repo.gcs ? ".gcs" : repo.azure ? ".azure" : ".volume";
  fields.store = fields.repo + kind;
  fields.bucket = fields.store + (repo.azure ? ".container" : ".bucket");
  return fields;
}

// Where the address of a store is written: only one of S3 has a field for it.
std::string endpoint_of(const spec::Repository& repo, const Fields& fields) {
  if (repo.s3) return fields.store + ".endpoint";
  return concat(fields.prefix, repo.gcs ? "gcs-endpoint" : "azure-endpoint",
                " in spec.backups.pgbackrest.global");
}

Message field_of_store(const spec::Repository& repo, const GlobalOptions& global,
                       const Fields& fields, Field field) {
  switch (field) {
    case Field::kBucket:
      return say::look_at_bucket(fields.bucket);
    case Field::kNoBucket:
      return say::make_bucket(fields.bucket, bucket_command(repo, global));
    case Field::kKey:
      return say::look_at_keys(fields.prefix);
    case Field::kClock:
      return say::look_at_clock();
    case Field::kAuthority:
      return say::look_at_authority(fields.prefix, endpoint_of(repo, fields));
    case Field::kEndpoint:
      return say::look_at_endpoint(endpoint_of(repo, fields));
    case Field::kOptions:
      return say::look_at_options();
    case Field::kHalfStanza:
      return say::look_at_half_stanza(fields.prefix);
    case Field::kVolume:
      break;
  }
  return say::look_at_repository(fields.repo);
}

}  // namespace

std::string error_of_pgbackrest(std::string_view output) {
  const std::size_t begin = output.find(kError);
  return with_code(
      begin == output.npos ? last_line(output) : first_line(output.substr(begin + kError.size())),
      output);
}

std::string error_of_repository(std::string_view trouble) {
  return with_code(first_line(trouble), trouble);
}

Message field_to_look_at(const spec::PostgresCluster& cluster, const std::string& repo,
                         std::string_view error) {
  const std::vector<spec::Repository>& repos = spec::repositories(cluster);
  const auto found = std::ranges::find(repos, repo, &spec::Repository::name);
  if (found == repos.end()) return {};
  const Fields fields = fields_of(*found, static_cast<std::size_t>(found - repos.begin()));
  const auto sign = std::ranges::find_if(
      kSigns, [error](const Sign& each) { return error.find(each.text) != error.npos; });
  if (sign == kSigns.end() || (found->volume && sign->field != Field::kHalfStanza))
    return say::look_at_repository(fields.repo);
  return field_of_store(*found, cluster.spec.backups->pgbackrest->global, fields, sign->field);
}

}  // namespace annals::fsm
