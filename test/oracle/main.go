// Command oracle answers matching questions with LiveKit's own code.
//
// It reads one question a line (JSON, the form that `sipwhy match` reads) and writes one answer a line in the same
// order, in the form that `sipwhy match` prints. What it says is what LiveKit would do, so nothing in here decides
// anything: it only translates. The LiveKit release is the one line in go.mod.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dennwc/iters"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
	"github.com/livekit/protocol/sip"
)

type question struct {
	Kind            string            `json:"kind"`
	Input           string            `json:"input"`
	StrictAddresses bool              `json:"strict_addresses"`
	Call            call              `json:"call"`
	Trunks          []json.RawMessage `json:"trunks"`
	SipTrunkID      string            `json:"sip_trunk_id"`
	Rules           []json.RawMessage `json:"rules"`
}

type call struct {
	FromUser string `json:"from_user"`
	FromHost string `json:"from_host"`
	ToUser   string `json:"to_user"`
	SourceIP string `json:"source_ip"`
	Pin      string `json:"pin"`
	NoPin    bool   `json:"no_pin"`
}

func main() {
	if err := answerAll(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answerAll(in io.Reader, out io.Writer) error {
	questions := json.NewDecoder(bufio.NewReaderSize(in, 1<<20))
	buffered := bufio.NewWriterSize(out, 1<<16)
	answers := json.NewEncoder(buffered)
	answers.SetEscapeHTML(false)
	for line := 1; ; line++ {
		var q question
		if err := questions.Decode(&q); err == io.EOF {
			return buffered.Flush()
		} else if err != nil {
			return fmt.Errorf("question %d: %w", line, err)
		}
		answer, err := answerOne(&q)
		if err != nil {
			return fmt.Errorf("question %d: %w", line, err)
		}
		if err := answers.Encode(answer); err != nil {
			return err
		}
	}
}

func answerOne(q *question) (any, error) {
	switch q.Kind {
	case "normalize":
		return map[string]string{"result": sip.NormalizeNumber(q.Input)}, nil
	case "trunk":
		return answerTrunk(q)
	case "dispatch":
		return answerDispatch(q)
	default:
		return nil, fmt.Errorf("unknown kind %q", q.Kind)
	}
}

// parseAll reads LiveKit's JSON as LiveKit's own API reads it; fields of newer releases are passed over.
func parseAll[T proto.Message](texts []json.RawMessage, blank func() T) ([]T, error) {
	options := protojson.UnmarshalOptions{DiscardUnknown: true}
	parsed := make([]T, 0, len(texts))
	for _, text := range texts {
		message := blank()
		if err := options.Unmarshal(text, message); err != nil {
			return nil, err
		}
		parsed = append(parsed, message)
	}
	return parsed, nil
}

type filtered struct {
	SipTrunkID string `json:"sip_trunk_id"`
	Reason     string `json:"reason"`
}

type conflict struct {
	A      string `json:"a"`
	B      string `json:"b"`
	Reason string `json:"reason"`
}

// trunkAnswer has either an error or a choice; the pointers tell an empty id from one that is left out.
type trunkAnswer struct {
	Error      string     `json:"error,omitempty"`
	SipTrunkID *string    `json:"sip_trunk_id,omitempty"`
	MatchType  *string    `json:"match_type,omitempty"`
	Filtered   []filtered `json:"filtered"`
	Conflicts  []conflict `json:"conflicts"`
}

var matchTypes = map[sip.TrunkMatchType]string{
	sip.TrunkMatchEmpty:    "empty",
	sip.TrunkMatchNone:     "none",
	sip.TrunkMatchDefault:  "default",
	sip.TrunkMatchSpecific: "specific",
}

var trunkErrors = map[sip.TrunkConflictReason]string{
	sip.TrunkConflictDefault:      "multiple_default_trunks",
	sip.TrunkConflictCalledNumber: "multiple_specific_trunks",
}

func answerTrunk(q *question) (*trunkAnswer, error) {
	trunks, err := parseAll(q.Trunks, func() *livekit.SIPInboundTrunkInfo { return &livekit.SIPInboundTrunkInfo{} })
	if err != nil {
		return nil, err
	}
	answer := &trunkAnswer{Filtered: []filtered{}, Conflicts: creationConflicts(trunks)}
	var clash *sip.TrunkConflictReason
	options := []sip.MatchTrunkOpt{
		sip.WithTrunkFiltered(func(t *livekit.SIPInboundTrunkInfo, reason sip.TrunkFilteredReason) bool {
			answer.Filtered = append(answer.Filtered, filtered{t.SipTrunkId, reason.String()})
			return false
		}),
		sip.WithTrunkConflict(func(_, _ *livekit.SIPInboundTrunkInfo, reason sip.TrunkConflictReason) {
			clash = &reason
		}),
	}
	if q.StrictAddresses {
		options = append(options, sip.WithStrictAddressMatching())
	}
	result, err := sip.MatchTrunkDetailed(iters.Slice(trunks), sipCall(&q.Call), options...)
	if err != nil {
		if clash == nil {
			return nil, err
		}
		answer.Error = trunkErrors[*clash]
		return answer, nil
	}
	id, matchType := result.Trunk.GetSipTrunkId(), matchTypes[result.MatchType]
	answer.SipTrunkID, answer.MatchType = &id, &matchType
	return answer, nil
}

// creationConflicts lists what LiveKit would object to if these trunks were created in this order.
func creationConflicts(trunks []*livekit.SIPInboundTrunkInfo) []conflict {
	conflicts := []conflict{}
	_ = sip.ValidateTrunksIter(iters.Slice(trunks),
		sip.WithAllowTrunkConflicts(),
		sip.WithTrunkConflict(func(a, b *livekit.SIPInboundTrunkInfo, reason sip.TrunkConflictReason) {
			conflicts = append(conflicts, conflict{a.SipTrunkId, b.SipTrunkId, reason.String()})
		}))
	return conflicts
}

type dispatchAnswer struct {
	SipDispatchRuleID string `json:"sip_dispatch_rule_id"`
	Priority          int32  `json:"priority"`
	Result            string `json:"result"`
}

func answerDispatch(q *question) (any, error) {
	rules, err := parseAll(q.Rules, func() *livekit.SIPDispatchRuleInfo { return &livekit.SIPDispatchRuleInfo{} })
	if err != nil {
		return nil, err
	}
	var trunk *livekit.SIPInboundTrunkInfo
	if q.SipTrunkID != "" {
		trunk = &livekit.SIPInboundTrunkInfo{SipTrunkId: q.SipTrunkID}
	}
	request := &rpc.EvaluateSIPDispatchRulesRequest{
		SipTrunkId:    q.SipTrunkID,
		CallingNumber: q.Call.FromUser,
		CalledNumber:  q.Call.ToUser,
		Pin:           q.Call.Pin,
		NoPin:         q.Call.NoPin,
		Call:          sipCall(&q.Call),
	}
	clashed := false
	rule, err := sip.MatchDispatchRuleIter(trunk, iters.Slice(rules), request,
		sip.WithDispatchRuleConflict(func(_, _ *livekit.SIPDispatchRuleInfo, _ sip.DispatchRuleConflictReason) {
			clashed = true
		}))
	if err != nil {
		return map[string]string{"error": dispatchError(err, clashed)}, nil
	}
	response, err := sip.EvaluateDispatchRule("", trunk, rule, request)
	if err != nil {
		return nil, err
	}
	return &dispatchAnswer{rule.SipDispatchRuleId, sip.DispatchRulePriority(rule), response.Result.String()}, nil
}

func dispatchError(err error, clashed bool) string {
	var unmatched *sip.ErrNoDispatchMatched
	switch {
	case clashed:
		return "conflict"
	case errors.As(err, &unmatched):
		return "no_rule"
	default:
		// The check that precedes the match refuses a rule without a known kind, and with it the whole set.
		return "invalid_rule"
	}
}

func sipCall(c *call) *rpc.SIPCall {
	return &rpc.SIPCall{
		SourceIp: c.SourceIP,
		From:     &livekit.SIPUri{User: c.FromUser, Host: c.FromHost},
		To:       &livekit.SIPUri{User: c.ToUser},
	}
}
