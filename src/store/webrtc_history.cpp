#include "store/webrtc_history.hpp"

#include "base/encoding.hpp"

namespace telltale::store {
namespace {

WebrtcHistoryRecord read_row(const Row& row) {
  WebrtcHistoryRecord out{.id = row.text(0),
                          .created = base::from_unix_ms(row.integer(1)),
                          .closed = base::from_unix_ms(row.integer(2)),
                          .actor = row.text(3),
                          .source = row.text(4)};
  if (auto parsed = base::parse_json(row.text(5)); parsed && parsed->is_object())
    out.summary = std::move(parsed->as_object());
  return out;
}

auto insert(WebrtcHistoryRecord record) {
  return [r = std::move(record)](Connection& db) {
    return db.execute("INSERT OR REPLACE INTO webrtc_history VALUES(?,?,?,?,?,?,?)",
                      {r.id, base::unix_ms(r.created), base::unix_ms(r.closed), r.actor, r.source,
                       base::write_json(r.summary), base::base64_encode(r.timeline)});
  };
}

}  // namespace

void record_webrtc(Store& store, WebrtcHistoryRecord record) {
  store.record(insert(std::move(record)));
}

runtime::TaskResult<bool> keep_webrtc(Store& store, WebrtcHistoryRecord record) {
  return store.write("webrtc history", insert(std::move(record)));
}

runtime::TaskResult<std::vector<WebrtcHistoryRecord>> list_webrtc(Store& store,
                                                                  WebrtcHistoryQuery query) {
  return store.read(
      [query = std::move(query)](Connection& db) -> base::Result<std::vector<WebrtcHistoryRecord>> {
        std::vector<WebrtcHistoryRecord> out;
        auto done = db.query(
            "SELECT id, created, closed, actor, source, summary FROM webrtc_history WHERE "
            "(?1='' OR source=?1) AND (?2='' OR actor=?2) AND "
            "(?3='' OR closed<?4 OR (closed=?4 AND id<?3)) ORDER BY closed DESC, id DESC LIMIT ?5",
            {query.source, query.actor, query.before ? query.before->second : "",
             query.before ? base::unix_ms(query.before->first) : 0,
             static_cast<std::int64_t>(query.limit)},
            [&](const Row& row) { out.push_back(read_row(row)); });
        if (!done) return std::unexpected(done.error());
        return out;
      });
}

runtime::TaskResult<std::optional<WebrtcHistoryRecord>> get_webrtc(Store& store, std::string id) {
  return store.read(
      [id = std::move(id)](Connection& db) -> base::Result<std::optional<WebrtcHistoryRecord>> {
        std::optional<WebrtcHistoryRecord> out;
        std::string packed;
        auto done = db.query(
            "SELECT id, created, closed, actor, source, summary, timeline FROM webrtc_history "
            "WHERE id=?",
            {id}, [&](const Row& row) {
              out = read_row(row);
              packed = row.text(6);
            });
        if (!done) return std::unexpected(done.error());
        if (!out) return out;
        auto timeline = base::base64_decode(packed);
        if (!timeline) return std::unexpected(timeline.error());
        out->timeline = std::move(*timeline);
        return out;
      });
}

runtime::TaskResult<bool> forget_webrtc(Store& store, base::WallTime before, std::size_t batch) {
  return store.write("webrtc history retention", [=](Connection& db) {
    return db.execute(
        "DELETE FROM webrtc_history WHERE rowid IN (SELECT rowid FROM webrtc_history WHERE "
        "closed<? LIMIT ?)",
        {base::unix_ms(before), static_cast<std::int64_t>(batch)});
  });
}

}  // namespace telltale::store
