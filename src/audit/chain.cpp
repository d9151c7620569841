#include "audit/chain.hpp"

#include "base/encoding.hpp"

namespace telltale::audit {
namespace {

constexpr std::size_t kNameLimit = 200;
constexpr std::size_t kDetailLimit = 1000;
constexpr std::size_t kArgumentsLimit = 16U << 10U;

void limit(std::string& text, std::size_t most) {
  if (text.size() > most) text.resize(most);
  if (!base::is_utf8(text)) text = base::to_utf8(text);
}

std::string arguments_text(const base::Json& arguments) {
  auto text = base::write_json(arguments);
  if (text.size() <= kArgumentsLimit) return text;
  return base::write_json(base::JsonObject{
      {"truncated", true}, {"bytes", text.size()}, {"sha256", base::sha256_hex(text)}});
}

void put(std::string& out, std::string_view field) {
  out.append(std::to_string(field.size())).append(":").append(field).append(",");
}

std::string canonical(const Record& record, std::string_view previous, std::string_view arguments) {
  std::string out;
  out.reserve(256 + arguments.size());
  put(out, "telltale-audit-1");
  put(out, previous);
  put(out, std::to_string(record.seq));
  put(out, std::to_string(base::unix_ms(record.time)));
  put(out, std::to_string(record.steady_ms));
  const auto& entry = record.entry;
  for (const auto* const field : {&entry.actor, &entry.address, &entry.action, &entry.subject})
    put(out, *field);
  put(out, arguments);
  for (const auto* const field : {&entry.outcome, &entry.detail, &entry.operation_id})
    put(out, *field);
  return out;
}

}  // namespace

base::JsonObject describe(const Record& record) {
  const auto& entry = record.entry;
  return {{"seq", record.seq},
          {"time", base::format_rfc3339(record.time)},
          {"actor", entry.actor},
          {"address", entry.address},
          {"action", entry.action},
          {"subject", entry.subject},
          {"arguments", entry.arguments},
          {"outcome", entry.outcome},
          {"detail", entry.detail},
          {"operation_id", entry.operation_id},
          {"hash", record.hash}};
}

base::Result<Tip> tip(store::Connection& db) {
  Tip out;
  auto read = db.query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", {},
                       [&](const store::Row& row) {
                         out.seq = row.integer(0);
                         out.hash = row.text(1);
                       });
  if (!read) return std::unexpected(read.error());
  return out;
}

base::Result<Record> append(store::Connection& db, Entry entry, base::WallTime time,
                            base::SteadyTime steady) {
  // Read anew each time: what a rolled-back savepoint appended is gone from the chain too.
  const auto last = tip(db);
  if (!last) return std::unexpected(last.error());
  for (auto* const field : {&entry.actor, &entry.address, &entry.action, &entry.subject,
                            &entry.outcome, &entry.operation_id})
    limit(*field, kNameLimit);
  limit(entry.detail, kDetailLimit);
  const auto arguments = arguments_text(entry.arguments);
  Record out{
      .seq = last->seq + 1,
      .time = time,
      .steady_ms =
          std::chrono::duration_cast<std::chrono::milliseconds>(steady.time_since_epoch()).count(),
      .entry = std::move(entry)};
  out.hash = base::sha256_hex(canonical(out, last->hash, arguments));
  const auto& e = out.entry;
  if (auto done =
          db.execute("INSERT INTO audit VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
                     {out.seq, base::unix_ms(out.time), out.steady_ms, e.actor, e.address, e.action,
                      e.subject, arguments, e.outcome, e.detail, e.operation_id, out.hash});
      !done)
    return std::unexpected(done.error());
  return out;
}

namespace {

// What both orders share; the last three parameters are theirs.
constexpr std::string_view kSelect =
    "SELECT seq, time, steady_ms, actor, address, action, subject, arguments, outcome, detail, "
    "operation_id, hash FROM audit WHERE (?1='' OR actor=?1) AND (?2='' OR action GLOB ?2) AND "
    "(?3='' OR subject=?3) AND (?4='' OR outcome=?4) AND (?5 IS NULL OR time>=?5) AND (?6 IS NULL "
    "OR time<=?6) AND (?7='' OR instr(lower(actor||' '||address||' '||action||' '||subject||' '||"
    "detail||' '||arguments), lower(?7))>0)";

base::Result<std::vector<Record>> select(store::Connection& db, std::string_view rest,
                                         const Query& query, std::int64_t first,
                                         std::int64_t second) {
  std::vector<Record> out;
  const auto bound = [](const std::optional<base::WallTime>& time) {
    return time ? store::Value(base::unix_ms(*time)) : store::Value(nullptr);
  };
  auto read = db.query(
      std::string(kSelect).append(rest),
      {query.actor, query.action, query.subject, query.outcome, bound(query.from), bound(query.to),
       query.text, first, second, static_cast<std::int64_t>(query.limit)},
      [&](const store::Row& row) {
        auto arguments = base::parse_json(row.text(7));
        out.push_back(
            {.seq = row.integer(0),
             .time = base::from_unix_ms(row.integer(1)),
             .steady_ms = row.integer(2),
             .entry = {.actor = row.text(3),
                       .address = row.text(4),
                       .action = row.text(5),
                       .subject = row.text(6),
                       .arguments = arguments ? std::move(*arguments) : base::Json(row.text(7)),
                       .outcome = row.text(8),
                       .detail = row.text(9),
                       .operation_id = row.text(10)},
             .hash = row.text(11)});
      });
  if (!read) return std::unexpected(read.error());
  return out;
}

}  // namespace

base::Result<std::vector<Record>> list(store::Connection& db, const Query& query) {
  return select(db, " AND (?8=0 OR seq<?8) AND ?9=0 ORDER BY seq DESC LIMIT ?10", query,
                query.before, 0);
}

base::Result<std::vector<Record>> list_onwards(store::Connection& db, const Query& query,
                                               std::int64_t after, std::int64_t end) {
  return select(db, " AND seq>?8 AND seq<=?9 ORDER BY seq LIMIT ?10", query, after, end);
}

}  // namespace telltale::audit
