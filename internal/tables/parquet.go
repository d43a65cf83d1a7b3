package tables

import (
	"fmt"
	"reflect"

	"github.com/parquet-go/parquet-go"

	"github.com/amends-care/amends/internal/report"
)

// rowsOfGroup is how many rows are held before they are written as one group.
const rowsOfGroup = 64 << 10

// parquetForm writes a file for each table. Every column is optional, instants
// are TIMESTAMP in milliseconds of UTC, pages are compressed with Snappy, which
// every reader knows.
type parquetForm struct {
	apart
	to   *files
	out  *parquet.GenericWriter[any]
	rows [1]parquet.Row
}

// schemaOf has a table's columns in their order, which a parquet.Group would not
// keep.
func schemaOf(l *report.Listing) *parquet.Schema {
	var fields []reflect.StructField
	for i, f := range l.Fields {
		of, how := reflect.TypeFor[int64](), "snappy"
		switch f.Kind {
		case report.Text:
			of, how = reflect.TypeFor[string](), "dict,snappy"
		case report.Truth:
			of = reflect.TypeFor[bool]()
		case report.Instant:
			how = "timestamp(millisecond),snappy"
		}
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprintf("F%d", i), Type: of, Tag: reflect.StructTag(fmt.Sprintf("parquet:%q", f.Name+",optional,"+how)),
		})
	}
	return parquet.NewSchema(l.Name, parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface()))
}

func (p *parquetForm) begin(l *report.Listing) error {
	file, err := p.to.create(l.Name + ".parquet")
	if err != nil {
		return err
	}
	p.out = parquet.NewGenericWriter[any](file, schemaOf(l), parquet.MaxRowsPerRowGroup(rowsOfGroup),
		parquet.CreatedBy("amends", fmt.Sprint(report.ListingsVersion), ""), parquet.KeyValueMetadata("definition", l.Definition))
	return nil
}

func (p *parquetForm) row(values []report.Value) error {
	row := p.rows[0][:0]
	for i, v := range values {
		var value parquet.Value
		present := 1
		switch v.Kind {
		case 0:
			present = 0
		case report.Text:
			value = parquet.ByteArrayValue([]byte(v.Text))
		case report.Truth:
			value = parquet.BooleanValue(v.Number != 0)
		default:
			value = parquet.Int64Value(v.Number)
		}
		row = append(row, value.Level(0, present, i))
	}
	p.rows[0] = row
	_, err := p.out.WriteRows(p.rows[:])
	return err
}

func (p *parquetForm) end() error { return p.out.Close() }
