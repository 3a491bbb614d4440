// The X12 code lists there are, by element. A new list is a JSON file and a line here.
import { codeList, type CodeList, type CodeListData } from '../code-list.js'
import packaging from './codes/103.json' with { type: 'json' }
import applicationAnswer from './codes/110.json' with { type: 'json' }
import reference from './codes/128.json' with { type: 'json' }
import chargeKind from './codes/1300.json' with { type: 'json' }
import routePlace from './codes/133.json' with { type: 'json' }
import payment from './codes/146.json' with { type: 'json' }
import timeKind from './codes/176.json' with { type: 'json' }
import shipmentStatus from './codes/1650.json' with { type: 'json' }
import statusReason from './codes/1651.json' with { type: 'json' }
import appointmentStatus from './codes/1652.json' with { type: 'json' }
import volumeUnit from './codes/184.json' with { type: 'json' }
import weightKind from './codes/187.json' with { type: 'json' }
import weightUnit from './codes/188.json' with { type: 'json' }
import article from './codes/235.json' with { type: 'json' }
import direction from './codes/248.json' with { type: 'json' }
import service from './codes/284.json' with { type: 'json' }
import goodsException from './codes/33.json' with { type: 'json' }
import settlement from './codes/331.json' with { type: 'json' }
import termsFrom from './codes/333.json' with { type: 'json' }
import termsKind from './codes/336.json' with { type: 'json' }
import descriptionForm from './codes/349.json' with { type: 'json' }
import purpose from './codes/353.json' with { type: 'json' }
import unit from './codes/355.json' with { type: 'json' }
import noteTopic from './codes/363.json' with { type: 'json' }
import contact from './codes/366.json' with { type: 'json' }
import shipmentState from './codes/368.json' with { type: 'json' }
import dateKind from './codes/374.json' with { type: 'json' }
import percentOf from './codes/378.json' with { type: 'json' }
import equipment from './codes/40.json' with { type: 'json' }
import dayKind from './codes/432.json' with { type: 'json' }
import orderPurpose from './codes/473.json' with { type: 'json' }
import reporting from './codes/514.json' with { type: 'json' }
import zone from './codes/623.json' with { type: 'json' }
import applicationError from './codes/647.json' with { type: 'json' }
import taxCategory from './codes/441.json' with { type: 'json' }
import priceKind from './codes/639.json' with { type: 'json' }
import invoiceKind from './codes/640.json' with { type: 'json' }
import identifier from './codes/66.json' with { type: 'json' }
import relation from './codes/662.json' with { type: 'json' }
import lineState from './codes/668.json' with { type: 'json' }
import groupAnswer from './codes/715.json' with { type: 'json' }
import setAnswer from './codes/717.json' with { type: 'json' }
import setError from './codes/718.json' with { type: 'json' }
import groupError from './codes/716.json' with { type: 'json' }
import segmentError from './codes/720.json' with { type: 'json' }
import elementError from './codes/723.json' with { type: 'json' }
import setErrorByGuide from './codes/618.json' with { type: 'json' }
import segmentErrorByGuide from './codes/620.json' with { type: 'json' }
import elementErrorByGuide from './codes/621.json' with { type: 'json' }
import interchangeError from './codes/I18.json' with { type: 'json' }
import level from './codes/735.json' with { type: 'json' }
import child from './codes/736.json' with { type: 'json' }
import mark from './codes/88.json' with { type: 'json' }
import changeReason from './codes/892.json' with { type: 'json' }
import mode from './codes/91.json' with { type: 'json' }
import taxKind from './codes/963.json' with { type: 'json' }
import party from './codes/98.json' with { type: 'json' }
import interchangeAnswer from './codes/I17.json' with { type: 'json' }

const list = (data: CodeListData) => codeList(data, 'x12')

export const PACKAGING = list(packaging)
export const REFERENCE = list(reference)
export const PAYMENT = list(payment)
export const WEIGHT_KIND = list(weightKind)
export const ARTICLE = list(article)
export const SERVICE = list(service)
export const PURPOSE = list(purpose)
export const UNIT = list(unit)
export const CONTACT = list(contact)
export const SHIPMENT_STATE = list(shipmentState)
export const DATE_KIND = list(dateKind)
export const EQUIPMENT = list(equipment)
export const ZONE = list(zone)
export const IDENTIFIER = list(identifier)
export const LINE_STATE = list(lineState)
export const GROUP_ANSWER = list(groupAnswer)
export const SET_ANSWER = list(setAnswer)
export const MARK = list(mark)
export const MODE = list(mode)
export const PARTY = list(party)
export const TIME_KIND = list(timeKind)
export const WEIGHT_UNIT = list(weightUnit)
export const NOTE_TOPIC = list(noteTopic)
export const DAY_KIND = list(dayKind)
export const ORDER_PURPOSE = list(orderPurpose)
export const REPORTING = list(reporting)
export const CHANGE_REASON = list(changeReason)
export const INTERCHANGE_ANSWER = list(interchangeAnswer)
export const SHIPMENT_STATUS = list(shipmentStatus)
/** Words apart from those of 1650: both say what happened, in one canonical place. */
export const APPOINTMENT_STATUS = codeList(appointmentStatus, 'x12-1652')
export const STATUS_REASON = list(statusReason)
export const ROUTE_PLACE = list(routePlace)
export const VOLUME_UNIT = list(volumeUnit)
export const GOODS_EXCEPTION = list(goodsException)
export const APPLICATION_ANSWER = list(applicationAnswer)
export const APPLICATION_ERROR = list(applicationError)
export const CHARGE_KIND = list(chargeKind)
export const DIRECTION = list(direction)
export const SETTLEMENT = list(settlement)
export const TERMS_FROM = list(termsFrom)
export const TERMS_KIND = list(termsKind)
export const PERCENT_OF = list(percentOf)
export const TAX_CATEGORY = list(taxCategory)
export const PRICE_KIND = list(priceKind)
export const INVOICE_KIND = list(invoiceKind)
export const RELATION = list(relation)
export const TAX_KIND = list(taxKind)

/** Every list by the reference number of its element. */
export const CODE_LISTS: ReadonlyMap<string, CodeList> = new Map(
  [
    ...[PACKAGING, REFERENCE, PAYMENT, WEIGHT_KIND, ARTICLE, SERVICE, PURPOSE, UNIT, CONTACT],
    ...[SHIPMENT_STATE, DATE_KIND, EQUIPMENT, ZONE, IDENTIFIER, LINE_STATE, GROUP_ANSWER],
    ...[SET_ANSWER, MARK, MODE, PARTY, INTERCHANGE_ANSWER],
    ...[TIME_KIND, WEIGHT_UNIT, NOTE_TOPIC, DAY_KIND, ORDER_PURPOSE, REPORTING, CHANGE_REASON],
    ...[SHIPMENT_STATUS, APPOINTMENT_STATUS, STATUS_REASON, ROUTE_PLACE, VOLUME_UNIT],
    ...[GOODS_EXCEPTION, APPLICATION_ANSWER, APPLICATION_ERROR],
    ...[CHARGE_KIND, DIRECTION, SETTLEMENT, TERMS_FROM, TERMS_KIND, PERCENT_OF],
    ...[TAX_CATEGORY, PRICE_KIND, INVOICE_KIND, RELATION, TAX_KIND],
    ...[descriptionForm, level, child].map(list),
    ...[interchangeError, groupError, setError, segmentError, elementError].map(list),
    ...[setErrorByGuide, segmentErrorByGuide, elementErrorByGuide].map(list),
  ].map((codes) => [codes.element, codes]),
)
