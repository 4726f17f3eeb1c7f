#include "journal/record.h"

#include "base/assert.h"
#include "journal/bytes.h"

namespace annals::journal {
namespace {

constexpr std::uint8_t kFrameVersion = 1;
constexpr std::uint8_t kExpiredFlag = 1;
constexpr std::size_t kFlagsSize = 1;
constexpr std::size_t kDigestSize = sizeof(Digest::bytes);

bool known(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(Kind::kFact) &&
         kind <= static_cast<std::uint8_t>(Kind::kMarker);
}

std::string header_of(const Record& record) {
  constexpr std::size_t kFixed = 80;  // but for the texts and digests of contents
  Encoder out(kFixed + record.cluster.value().size() + record.type.size() +
              record.blobs.size() * kDigestSize);
  out.u8(kFrameVersion).u8(static_cast<std::uint8_t>(record.kind)).u64(record.seq.value());
  out.u64(static_cast<std::uint64_t>(record.time.time_since_epoch().count()));
  out.u64(record.epoch.value()).u64(record.cause.value());
  out.short_text(record.cluster.value()).short_text(record.type);
  out.u8(static_cast<std::uint8_t>(record.blobs.size()));
  for (const Digest& blob : record.blobs) out.digest(blob);
  out.u32(static_cast<std::uint32_t>(record.payload.size())).digest(record.payload_digest);
  return out.take();
}

Digest link_header(std::string_view header, std::string_view previous) {
  return sha256(previous, header);
}

Digest digest_of(std::string_view bytes) { return Decoder(bytes).digest(); }

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
  record.hash = link_header(header, previous.view());
  return Encoder(kFlagsSize + header.size() + record.payload.size() + kDigestSize)
      .u8(0)
      .raw(header)
      .raw(record.payload)
      .digest(record.hash)
      .take();
}

std::string encode_expired(std::string_view frame) {
  const Result<Frame> parts = frame_of(frame);
  ANNALS_ASSERT(parts.has_value(), "only a record that was read can expire");
  return Encoder().u8(kExpiredFlag).raw(parts->header).raw(parts->hash).take();
}

bool Frame::is_whole() const { return expired || sha256(payload).view() == payload_digest; }

Digest Frame::link(const Digest& previous) const { return link_header(header, previous.view()); }

Record Frame::record() const {
  Record record{.seq = seq,
                .time = time,
                .epoch = epoch,
                .cluster = ClusterUid(std::string(cluster)),
                .kind = kind,
                .type = std::string(type),
                .cause = cause,
                .blobs = {},
                .payload = std::string(payload),
                .expired = expired,
                .payload_digest = digest_of(payload_digest),
                .hash = digest_of(hash)};
  for (std::string_view rest = blobs; !rest.empty(); rest.remove_prefix(kDigestSize))
    record.blobs.push_back(digest_of(rest));
  return record;
}

Result<Frame> frame_of(std::string_view bytes) {
  Decoder in(bytes);
  Frame frame;
  const std::uint8_t flags = in.u8();
  const std::uint8_t version = in.u8();
  if (in.ok() && version != kFrameVersion) {
    return fail(Errc::kCorrupt, "its frame has version ", version, ", not ", kFrameVersion);
  }
  const std::uint8_t kind = in.u8();
  frame.seq = Sequence(in.u64());
  frame.time = Timestamp(Duration(static_cast<std::int64_t>(in.u64())));
  frame.epoch = Epoch(in.u64());
  frame.cause = Sequence(in.u64());
  frame.cluster = in.short_text();
  frame.type = in.short_text();
  frame.blobs = in.raw(in.u8() * kDigestSize);
  const std::size_t payload_size = in.u32();
  frame.payload_digest = in.raw(kDigestSize);
  const std::size_t header_size = bytes.size() - in.rest().size() - kFlagsSize;
  frame.expired = (flags & kExpiredFlag) != 0;
  if (!frame.expired) frame.payload = in.raw(payload_size);
  frame.hash = in.raw(kDigestSize);
  if (!in.done() || !known(kind) || (flags & ~kExpiredFlag) != 0) {
    return fail(Errc::kCorrupt, "its frame of ", bytes.size(), " bytes is malformed");
  }
  frame.kind = static_cast<Kind>(kind);
  frame.header = bytes.substr(kFlagsSize, header_size);
  return frame;
}

Digest Decoded::link(const Digest& previous) const { return link_header(header, previous.view()); }

Result<Decoded> decode(std::string_view frame) {
  const Result<Frame> parts = frame_of(frame);
  if (!parts) return fail(parts.error());
  if (!parts->is_whole()) return fail(Errc::kCorrupt, "its payload does not match its header");
  return Decoded{.record = parts->record(), .header = parts->header};
}

}  // namespace annals::journal
