#include "journal/record.h"

#include "base/assert.h"
#include "journal/bytes.h"

namespace annals::journal {
namespace {

constexpr std::uint8_t kFrameVersion = 1;
constexpr std::uint8_t kExpiredFlag = 1;
constexpr std::size_t kFlagsSize = 1;

bool known(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(Kind::kFact) &&
         kind <= static_cast<std::uint8_t>(Kind::kMarker);
}

std::string header_of(const Record& record) {
  Encoder out;
  out.u8(kFrameVersion).u8(static_cast<std::uint8_t>(record.kind)).u64(record.seq.value());
  out.u64(static_cast<std::uint64_t>(record.time.time_since_epoch().count()));
  out.u64(record.epoch.value()).u64(record.cause.value());
  out.short_text(record.cluster.value()).short_text(record.type);
  out.u8(static_cast<std::uint8_t>(record.blobs.size()));
  for (const Digest& blob : record.blobs) out.digest(blob);
  out.u32(static_cast<std::uint32_t>(record.payload.size())).digest(record.payload_digest);
  return out.take();
}

Digest link_header(std::string_view header, const Digest& previous) {
  return sha256(std::string(previous.view()).append(header));
}

Result<Decoded> split(std::string_view frame) {
  Decoder in(frame);
  Decoded parts;
  Record& record = parts.record;
  const std::uint8_t flags = in.u8();
  const std::uint8_t version = in.u8();
  if (in.ok() && version != kFrameVersion) {
    return fail(Errc::kCorrupt, "its frame has version ", version, ", not ", kFrameVersion);
  }
  const std::uint8_t kind = in.u8();
  record.seq = Sequence(in.u64());
  record.time = Timestamp(Duration(static_cast<std::int64_t>(in.u64())));
  record.epoch = Epoch(in.u64());
  record.cause = Sequence(in.u64());
  record.cluster = ClusterUid(std::string(in.short_text()));
  record.type = in.short_text();
  record.blobs.resize(in.u8());
  for (Digest& blob : record.blobs) blob = in.digest();
  const std::size_t payload_size = in.u32();
  record.payload_digest = in.digest();
  const std::size_t header_size = frame.size() - in.rest().size() - kFlagsSize;
  record.expired = (flags & kExpiredFlag) != 0;
  if (!record.expired) record.payload = in.raw(payload_size);
  record.hash = in.digest();
  if (!in.done() || !known(kind) || (flags & ~kExpiredFlag) != 0) {
    return fail(Errc::kCorrupt, "its frame of ", frame.size(), " bytes is malformed");
  }
  record.kind = static_cast<Kind>(kind);
  parts.header = frame.substr(kFlagsSize, header_size);
  return parts;
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::kFact:
      return "fact";
    case Kind::kDecision:
      return "decision";
    case Kind::kIntent:
      return "intent";
    case Kind::kOutcome:
      return "outcome";
    case Kind::kTimer:
      return "timer";
    case Kind::kCommand:
      return "command";
    case Kind::kMarker:
      return "marker";
  }
  return "unknown kind";
}

Digest genesis(std::string_view journal_id) {
  return sha256(concat("annals journal ", journal_id));
}

std::string encode(Record& record, const Digest& previous) {
  ANNALS_ASSERT(record.payload.size() <= kMaxPayload && record.blobs.size() <= kMaxBlobsOfRecord);
  record.payload_digest = sha256(record.payload);
  const std::string header = header_of(record);
  record.hash = link_header(header, previous);
  return Encoder().u8(0).raw(header).raw(record.payload).digest(record.hash).take();
}

std::string encode_expired(std::string_view frame) {
  const Result<Decoded> parts = split(frame);
  ANNALS_ASSERT(parts.has_value(), "only a record that was read can expire");
  return Encoder().u8(kExpiredFlag).raw(parts->header).digest(parts->record.hash).take();
}

Digest Decoded::link(const Digest& previous) const { return link_header(header, previous); }

Result<Decoded> decode(std::string_view frame) {
  Result<Decoded> decoded = split(frame);
  if (!decoded) return decoded;
  const Record& record = decoded->record;
  if (!record.expired && sha256(record.payload) != record.payload_digest) {
    return fail(Errc::kCorrupt, "its payload does not match its header");
  }
  return decoded;
}

}  // namespace annals::journal
